// SPDX-License-Identifier: Apache-2.0

package version

// The linker sets these with -X. What it does not set says that this is no
// release; in an archive, gitVersion and gitCommit still name the commit.
var (
	gitMajor string
	gitMinor string

	gitVersion   = "v0.0.0-master+$Format:%H$"
	gitCommit    = "$Format:%H$"
	gitTreeState = ""

	buildDate = "1970-01-01T00:00:00Z"
)
