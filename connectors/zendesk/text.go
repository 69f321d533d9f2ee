package zendesk

import (
	"regexp"
	"strings"
)

// Where a mail program begins to quote. Each expression is tried on a whole
// line, the first also on a line and the next one joined, since mail programs
// break it.
var (
	wroteLine = regexp.MustCompile(`(?i)^(on\s.+\swrote|le\s.+\sa écrit|am\s.+\sschrieb\b.*)\s*:$`)
	rule      = regexp.MustCompile(`(?i)^(-{2,}\s*(original message|forwarded message|message d'origine|message original|message transféré|ursprüngliche nachricht)\s*-{2,}|_{10,})$`)
	header    = regexp.MustCompile(`(?i)^\**\s*(from|de|von|sent|envoyé|gesendet|date|to|à|an|cc|subject|objet|betreff)\s*:\**`)
	sender    = regexp.MustCompile(`(?i)^\**\s*(from|de|von)\s*:\**`)
)

// spaces that don't break: French ones before a colon.
var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

// ownWords is a message without the mail that it quotes and without its
// signature. It cuts, at the first of them,
//
//   - a line "-- ", which begins a signature (RFC 3676, 4.3)
//   - "On … wrote:", "Le … a écrit :", "Am … schrieb …:"
//   - "----- Original Message -----" and the like, or a rule of underscores
//   - a block of headers: a line "From:", "De :" or "Von:", with another header
//     within the next two lines
//
// and drops lines that begin with ">". A message of which nothing would be left,
// such as a forwarded one, is kept as it is.
func ownWords(message string) string {
	lines := strings.Split(strings.ReplaceAll(message, "\r\n", "\n"), "\n")
	line := func(i int) string {
		if i >= len(lines) {
			return ""
		}
		return strings.TrimSpace(spaces.Replace(lines[i]))
	}
	var kept []string
	for i := range lines {
		l := line(i)
		if l == "--" || rule.MatchString(l) || wroteLine.MatchString(l) || wroteLine.MatchString(l+" "+line(i+1)) ||
			sender.MatchString(l) && (header.MatchString(line(i+1)) || header.MatchString(line(i+2))) {
			break
		}
		if !strings.HasPrefix(l, ">") {
			kept = append(kept, strings.TrimRight(lines[i], " \t\r"))
		}
	}
	if own := strings.TrimSpace(strings.Join(kept, "\n")); own != "" {
		return own
	}
	return strings.TrimSpace(message)
}
