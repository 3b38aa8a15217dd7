// SPDX-License-Identifier: Apache-2.0

package resource

import "testing"

func TestRoundTrip(t *testing.T) {
	for text, want := range map[string]string{
		"2":      "2",
		"100m":   "100m",
		"2000m":  "2",
		"1024Ki": "1Mi",
		"1536Ki": "1536Ki",
		"4Gi":    "4Gi",
	} {
		q, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if q.String() != want {
			t.Errorf("%q became %q, want %q", text, q, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "Ki", "1.5", "one"} {
		if q, err := Parse(text); err == nil {
			t.Errorf("%q became %q, want an error", text, q)
		}
	}
}
