// SPDX-License-Identifier: Apache-2.0

// Package resource reads and writes amounts such as "100m" and "1536Ki".
package resource

import (
	"fmt"
	"strconv"
	"strings"
)

// A Quantity is an amount in thousandths, with the suffix family it is written in.
type Quantity struct {
	milli  int64
	binary bool
}

var binarySuffixes = []string{"", "Ki", "Mi", "Gi", "Ti"}

// Bytes returns a quantity of bytes.
func Bytes(n int64) Quantity {
	return Quantity{milli: n * 1000, binary: true}
}

// Parse reads a quantity.
func Parse(text string) (Quantity, error) {
	number, factor, binary := text, int64(1000), false
	if strings.HasSuffix(text, "m") {
		number, factor = strings.TrimSuffix(text, "m"), 1
	}
	for i, suffix := range binarySuffixes[1:] {
		if strings.HasSuffix(text, suffix) {
			number, factor, binary = strings.TrimSuffix(text, suffix), 1000<<(10*(i+1)), true
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return Quantity{}, fmt.Errorf("quantities must be a whole number with one of the suffixes m, Ki, Mi, Gi, Ti: %q", text)
	}
	return Quantity{milli: n * factor, binary: binary}, nil
}

// String writes a quantity with the largest suffix that keeps it whole.
func (q Quantity) String() string {
	if q.milli%1000 != 0 {
		return fmt.Sprintf("%dm", q.milli)
	}
	n, i := q.milli/1000, 0
	for q.binary && n != 0 && n%1024 == 0 && i < len(binarySuffixes)-1 {
		n /= 1024
		i++
	}
	return strconv.FormatInt(n, 10) + binarySuffixes[i]
}

// MarshalText writes a quantity as JSON has it: a string.
func (q Quantity) MarshalText() ([]byte, error) {
	return []byte(q.String()), nil
}
