// SPDX-License-Identifier: Apache-2.0

package version

import (
	"runtime"
	"strings"
	"testing"
)

func TestGet(t *testing.T) {
	info := Get()
	if want := runtime.GOOS + "/" + runtime.GOARCH; info.Platform != want {
		t.Errorf("platform is %q, want %q", info.Platform, want)
	}
	if !strings.HasPrefix(info.String(), "v") {
		t.Errorf("version %q does not begin with v", info)
	}
}
