// SPDX-License-Identifier: Apache-2.0

// Package logs writes structured lines for people.
package logs

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A Logger writes one line for each call. It is safe for concurrent use.
type Logger struct {
	mu  sync.Mutex
	out io.Writer
	now func() time.Time
}

// New returns a logger that writes to out.
func New(out io.Writer) *Logger {
	return &Logger{out: out, now: time.Now}
}

// Info writes message and the pairs of keys and values.
func (l *Logger) Info(message string, pairs ...interface{}) {
	var line strings.Builder
	fmt.Fprintf(&line, "I%s %q", l.now().Format("0102 15:04:05.000000"), message)
	for i := 0; i+1 < len(pairs); i += 2 {
		fmt.Fprintf(&line, " %v=%q", pairs[i], fmt.Sprint(pairs[i+1]))
	}
	line.WriteByte('\n')

	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.out, line.String())
}
