package desk

import (
	"slices"
	"strings"

	"vigie/rules"
)

// longestChooser is how much of a name is kept with what somebody chose, in letters.
const longestChooser = 80

// Chooser is whoever chose what Vigie wrote for him, as the vendor keeps his name with
// it, and as a reading then says who did it: in one line, and never a word by which
// readings name roles. An agent where that leaves nothing.
func Chooser(name string) string {
	name = strings.Join(strings.Fields(name), " ")
	if letters := []rune(name); len(letters) > longestChooser {
		name = strings.TrimSpace(string(letters[:longestChooser]))
	}
	if name == "" || slices.Contains([]string{rules.ByAgent, rules.ByCustomer, rules.ByAutomation, rules.ByVigie}, strings.ToLower(name)) {
		return rules.ByAgent
	}
	return name
}
