package main

import (
	"fmt"
	"io"

	"vigie/bot/print"
	"vigie/rules"
)

// tried shows on a terminal how far the changes of a policy are; nil
// elsewhere.
func tried(stderr io.Writer, file string) func(done, total int) {
	if !print.Terminal(stderr) {
		return nil
	}
	return func(done, total int) {
		fmt.Fprint(stderr, rules.Counted("en", "\r%s: %d of %d change{s} tried", file, done, total))
		if done == total {
			fmt.Fprint(stderr, "\r\x1b[K")
		}
	}
}
