// SPDX-License-Identifier: Apache-2.0

// Package printers writes objects in the formats that people ask for with -o.
package printers

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes an object, indented.
func JSON(out io.Writer, object interface{}) error {
	data, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", data)
	return err
}
