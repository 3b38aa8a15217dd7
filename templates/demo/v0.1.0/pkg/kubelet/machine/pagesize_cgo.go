// SPDX-License-Identifier: Apache-2.0

//go:build cgo && !windows

package machine

// #include <unistd.h>
import "C"

// This is why kubelet needs a C compiler, and is linked against libc.
func pageSize() int64 {
	return int64(C.sysconf(C._SC_PAGESIZE))
}
