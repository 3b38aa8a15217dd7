// SPDX-License-Identifier: Apache-2.0

//go:build broken

package printers

// Table does not compile, on purpose: `make kubectl GOFLAGS=-tags=broken` shows
// how a failing build looks.
func Table(columns []string) string {
	return columns
}
