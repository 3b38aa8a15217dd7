// SPDX-License-Identifier: Apache-2.0

// Package machine asks the machine what it has.
package machine

import "runtime"

// Info is what a machine has.
type Info struct {
	CPUs     int64
	PageSize int64
}

// Get asks the machine.
func Get() Info {
	return Info{CPUs: int64(runtime.NumCPU()), PageSize: pageSize()}
}
