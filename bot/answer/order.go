package answer

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vigie/rules/tomlfile"
	"vigie/rules/words"
)

// A verb is what a command asks for: the end of its texts' names in the catalogues.
type verb string

const (
	mine    verb = "mine"
	team    verb = "team"
	today   verb = "today"
	ticket  verb = "ticket"
	who     verb = "who"
	take    verb = "take"
	release verb = "release"
	snooze  verb = "snooze"
	help    verb = "help"
)

// verbs are all of them, in the order in which help names them.
var verbs = []verb{mine, team, today, ticket, who, take, release, snooze, help}

// An order is what somebody has typed after the command.
type order struct {
	verb  verb
	rest  string        // after the verb: a team, or a ticket as it was written
	lasts time.Duration // of a snooze; 0 = until the team opens
	odd   string        // what isn't understood: the verb, or how long a snooze lasts
	near  verb          // what it may have meant, where the verb isn't understood; "" = who knows
}

// read reads what was typed after the command. Nothing is help. Every language's words
// are understood, with capitals and accents or without.
func read(text string) order {
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	o := order{rest: strings.TrimSpace(rest)}
	if word == "" {
		o.verb = help
		return o
	}
	known := map[string]verb{}
	for _, v := range verbs {
		for _, w := range spellings("command.word." + string(v)) {
			known[w] = v
		}
	}
	if o.verb = known[fold(word)]; o.verb == "" {
		o.odd = word
		var all []string
		for w := range known {
			all = append(all, w)
		}
		slices.Sort(all)
		o.near = known[tomlfile.Nearest(fold(word), all)]
	}
	if o.verb == snooze {
		o.rest, o.lasts, o.odd = readSnooze(o.rest)
	}
	return o
}

// snoozes are how long calls can be made to wait.
var snoozes = map[string]time.Duration{"": 30 * time.Minute, "30m": 30 * time.Minute, "30min": 30 * time.Minute, "30": 30 * time.Minute, "1h": time.Hour, "60m": time.Hour}

// readSnooze cuts what follows the verb into the ticket and how long calls about it
// wait.
func readSnooze(text string) (ref string, lasts time.Duration, odd string) {
	ref, after, _ := strings.Cut(text, " ")
	after = fold(strings.Join(strings.Fields(after), ""))
	if slices.Contains(spellings("command.word.open"), after) {
		return ref, 0, ""
	}
	lasts, ok := snoozes[after]
	if !ok {
		odd = after
	}
	return ref, lasts, odd
}

// spellings are the words of an entry in all languages, folded.
func spellings(id string) (list []string) {
	for _, l := range words.All() {
		for _, w := range strings.Fields(l.Say(id)) {
			list = append(list, fold(w))
		}
	}
	return list
}

// typed is a command as help writes it in a language, with what follows.
func typed(l *words.Language, command string, v verb) string {
	text := command
	if all := strings.Fields(l.Say("command.word." + string(v))); len(all) > 0 {
		text += " " + all[0]
	}
	switch v {
	case team:
		text += " " + l.Say("command.arg.team")
	case ticket, take, release:
		text += " " + l.Say("command.arg.ticket")
	case snooze:
		text += " " + l.Say("command.arg.snooze")
	}
	return "`" + text + "`"
}

// fold is a word without regard to case and accents, with a plain apostrophe.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r == '’':
			return '\''
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}
