// Package policies holds the support policies that Vigie ships and their tests,
// as the files that support leads read and review. Their names are what
// --policy and config.toml accept beside paths.
package policies

import (
	"embed"
	"strings"
)

//go:embed *.toml *.jsonl
var files embed.FS

const (
	extension = ".toml"
	tests     = ".test" + extension
)

// Names lists the policies, in alphabetical order.
func Names() []string {
	entries, _ := files.ReadDir(".") // of an embedded directory: never fails
	var names []string
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, extension) && !strings.HasSuffix(name, tests) {
			names = append(names, strings.TrimSuffix(name, extension))
		}
	}
	return names
}

// Read is the text of the policy of that name, and false if there is none.
func Read(name string) ([]byte, bool) { return read(name + extension) }

// ReadTest is the text of the tests of the policy of that name, and false if
// there are none.
func ReadTest(name string) ([]byte, bool) { return read(name + tests) }

// ReadFile is a file that an embedded policy names: examples. The error is
// fs.ErrNotExist if there is none.
func ReadFile(name string) ([]byte, error) { return files.ReadFile(name) }

func read(file string) ([]byte, bool) {
	text, err := files.ReadFile(file)
	return text, err == nil
}
