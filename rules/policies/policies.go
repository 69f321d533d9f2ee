// Package policies holds the support policies that Vigie ships, as the files
// that support leads read and review. Their names are what --policy and
// config.toml accept beside paths.
package policies

import (
	"embed"
	"strings"
)

//go:embed *.toml
var files embed.FS

// Names lists the policies, in alphabetical order.
func Names() []string {
	entries, _ := files.ReadDir(".") // of an embedded directory: never fails
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.TrimSuffix(e.Name(), ".toml")
	}
	return names
}

// Read is the text of the policy of that name, and false if there is none.
func Read(name string) ([]byte, bool) {
	text, err := files.ReadFile(name + ".toml")
	return text, err == nil
}
