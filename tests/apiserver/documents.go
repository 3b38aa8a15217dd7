package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// reading is what kubectl reads of a file.
type reading struct {
	Documents []any  `json:"documents"`
	Error     string `json:"error,omitempty"`
}

// documents reads files, each a JSON string on a line, as kubectl does (StreamVisitor of k8s.io/cli-runtime), and writes
// what it makes of each.
func documents(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			return err
		}
		if err := json.NewEncoder(out).Encode(read(text)); err != nil {
			return err
		}
	}
}

func read(text string) reading {
	result := reading{Documents: []any{}}
	marked := unicode.BOMOverride(unicode.UTF8.NewDecoder())
	decoder := yaml.NewYAMLOrJSONDecoder(transform.NewReader(strings.NewReader(text), marked), 4096)
	for {
		var raw runtime.RawExtension
		if err := decoder.Decode(&raw); err != nil {
			if err != io.EOF {
				result.Error = err.Error()
			}
			return result
		}
		raw.Raw = bytes.TrimSpace(raw.Raw)
		if len(raw.Raw) == 0 || bytes.Equal(raw.Raw, []byte("null")) {
			continue
		}
		// Written anew: of halves of pairs and the like becomes what Go makes of them.
		exact := json.NewDecoder(bytes.NewReader(raw.Raw))
		exact.UseNumber()
		var value any
		if err := exact.Decode(&value); err != nil {
			result.Error = err.Error()
			return result
		}
		result.Documents = append(result.Documents, value)
	}
}
