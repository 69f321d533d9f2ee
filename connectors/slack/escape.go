package slack

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slack's control characters, and the only ones it has escapes for
// (docs.slack.dev/messaging/formatting-message-text).
var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// Slack has no escapes for what starts formatting, and three backticks would
// swallow the lines that follow. Look-alikes mean nothing to it.
var lookalikes = strings.NewReplacer("*", "∗", "~", "∼", "`", "ˋ")

// Escape makes text from elsewhere safe to stand in mrkdwn of ours: on one line,
// without mentions, links or formatting.
func Escape(s string) string {
	return entities.Replace(lookalikes.Replace(edges(oneLine(s))))
}

// edges replaces the underscores that could start or end formatting: all but
// those inside a word, which names and keys need as they are.
func edges(s string) string {
	in := []rune(s)
	out := slices.Clone(in)
	word := func(i int) bool {
		return i >= 0 && i < len(in) && (unicode.IsLetter(in[i]) || unicode.IsDigit(in[i]))
	}
	for i, r := range in {
		if r == '_' && !(word(i-1) && word(i+1)) {
			out[i] = 'ˍ'
		}
	}
	return string(out)
}

// oneLine is the text without line breaks, control characters, and the
// characters that turn the direction of what follows them.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// shorten cuts text to n runes, the last one then being an ellipsis. Text is
// shortened before it is escaped, so that no entity is cut in two.
func shorten(s string, n int) string {
	s = oneLine(s)
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimRightFunc(string([]rune(s)[:n-1]), unicode.IsSpace) + "…"
}

// maxLink is the longest address that is worth a link.
const maxLink = 1000

// link is a mrkdwn link, or the label alone where the address is no web address.
func link(address, label string) string {
	label = strings.ReplaceAll(Escape(label), "|", "¦")
	target := entities.Replace(strings.ReplaceAll(web(address), "|", "%7C"))
	if target == "" || len(target) > maxLink {
		return label
	}
	return "<" + target + "|" + label + ">"
}

// web is a web address that is worth a link, "" for another.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(u.String()) > maxLink || strings.ContainsFunc(u.String(), unicode.IsSpace) {
		return ""
	}
	return u.String()
}

// half is a link, mention, date or entity that has lost its end.
var half = regexp.MustCompile(`(<[^>]*|&[a-z]*)$`)

// pieces cuts mrkdwn into at most n pieces of at most size runes each, at the
// ends of lines; what doesn't fit is left off, with an ellipsis.
func pieces(markup string, size, n int) []string {
	var out []string
	var piece strings.Builder
	length := 0
	flush := func() {
		if s := strings.Trim(piece.String(), "\n"); strings.TrimSpace(s) != "" {
			out = append(out, s)
		}
		piece.Reset()
		length = 0
	}
	for line := range strings.Lines(strings.ToValidUTF8(markup, "\ufffd")) {
		runes := []rune(line)
		if len(runes) > size {
			line = half.ReplaceAllString(string(runes[:size-2]), "") + "…\n"
			runes = []rune(line)
		}
		if length+len(runes) > size {
			flush()
		}
		piece.WriteString(line)
		length += len(runes)
	}
	flush()
	if len(out) > n {
		out = append(out[:n-1], "…")
	}
	return out
}
