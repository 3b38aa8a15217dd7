// SPDX-License-Identifier: Apache-2.0

package cmd

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	var out bytes.Buffer
	if err := Run([]string{"version", "--client"}, &out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "Client Version: v") {
		t.Errorf("got %q", out.String())
	}
}

func TestVersionAsJSON(t *testing.T) {
	for _, flag := range []string{"-o=json", "--output=json"} {
		var out bytes.Buffer
		if err := Run([]string{"version", "--client", flag}, &out); err != nil {
			t.Fatal(err)
		}
		var object struct{ ClientVersion struct{ GitVersion string } }
		if err := json.Unmarshal(out.Bytes(), &object); err != nil {
			t.Fatal(err)
		}
		if object.ClientVersion.GitVersion == "" {
			t.Errorf("no gitVersion in %s", out.String())
		}
	}
}

func TestUnknownCommand(t *testing.T) {
	if err := Run([]string{"fly"}, &bytes.Buffer{}); err == nil {
		t.Error("want an error")
	}
}
