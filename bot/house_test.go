package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// Package main has one short file per command beside the program's entry, the wiring and
// the registry: what is longer belongs to a package. No file of the program is named as
// a test's.
func TestCommandsAreShort(t *testing.T) {
	const longest = 150
	bounds := map[string]int{"main.go": 180, "wire.go": 300}
	files, err := filepath.Glob("*.go")
	must(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		if strings.HasPrefix(file, "test_") {
			t.Errorf("%s is named as a test's", file)
		}
		most := longest
		if bound, ok := bounds[file]; ok {
			most = bound
		}
		if n := strings.Count(mustRead(t, file), "\n"); n > most {
			t.Errorf("%s has %d lines; what is beyond %d belongs to a package", file, n, most)
		}
	}
}
