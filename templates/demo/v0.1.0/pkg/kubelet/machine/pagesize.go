// SPDX-License-Identifier: Apache-2.0

//go:build !cgo || windows

package machine

import "os"

func pageSize() int64 {
	return int64(os.Getpagesize())
}
