package desk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// OwnWords is what a mail's writer wrote himself, in plain text: without the
// mails that it quotes, signatures and notices of confidentiality. The subject
// tells a forwarded mail ("TR: …") from an answer; it is "" where it is another
// message's, as for the comments after a ticket's first. Never empty, unless
// message is.
func OwnWords(subject, message string) string {
	lines := split(message)
	m := mail{lines: lines, forward: forwardSubject.MatchString(fold(subject))}
	m.read()
	if m.saysFrom() == len(m.kept) {
		m = mail{lines: lines, forwarded: true}
		m.read()
	}
	var b strings.Builder
	for _, l := range m.kept {
		b.WriteString(l.text + "\n")
	}
	if own := strings.TrimSpace(b.String()); own != "" {
		return own
	}
	return strings.TrimSpace(message)
}

// A line of a mail.
type line struct {
	text   string // without the marks of quotation
	whole  string // with them; no spaces at its end
	folded string // text, to be compared
	quoted bool
}

var newlines = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n")

func split(message string) []line {
	var lines []line
	for whole := range strings.SplitSeq(newlines.Replace(message), "\n") {
		whole = strings.TrimRightFunc(whole, unicode.IsSpace)
		l := line{text: unquote(whole), whole: whole}
		l.folded, l.quoted = fold(l.text), len(l.text) < len(whole)
		if n := len(lines) - 1; n >= 0 && l.text == "" && lines[n].text == "" && l.quoted == lines[n].quoted {
			continue // one empty line says as much
		}
		lines = append(lines, l)
	}
	for i := range lines { // a lone ">50 users" is no quotation
		l := &lines[i]
		if l.quoted && moreThan.MatchString(strings.TrimSpace(l.whole)) && (i == 0 || !lines[i-1].quoted) && (i+1 == len(lines) || !lines[i+1].quoted) {
			l.text, l.quoted = l.whole, false
		}
	}
	return lines
}

// A mail is a text on its way through the cleaner.
type mail struct {
	lines     []line // that are still to be read
	forward   bool   // by its subject it forwards another
	forwarded bool   // the lines from here on are the forwarded mail's
	signature bool   // the lines from here on are a signature's
	kept      []line
}

// read keeps what is the writer's own of the lines.
func (m *mail) read() {
	for len(m.lines) > 0 {
		n, head := m.head()
		switch {
		case m.forwarded && n > 0:
			m.lines = m.lines[n:]
		case head == forwardHead, head != noHead && m.forward:
			m.trimTail()
			m.forwarded, m.signature = true, false
			m.lines = m.lines[n:]
		case head == attribution && !m.signature && m.quotes(n):
			m.lines = m.lines[n:] // answers may follow between the quoted lines and below
		case head != noHead:
			m.lines = nil
		default:
			m.keep(m.lines[0])
			m.lines = m.lines[1:]
		}
	}
	m.trimTail()
}

// keep keeps a line, or doesn't.
func (m *mail) keep(l line) {
	switch {
	case !m.forwarded && !l.quoted && l.folded == "--": // RFC 3676, 4.3
		m.signature = true
	case m.signature, !m.forwarded && l.quoted:
	case l.folded == "" && (len(m.kept) == 0 || m.kept[len(m.kept)-1].folded == ""):
	case device.MatchString(l.folded):
	default:
		m.kept = append(m.kept, l)
	}
}

// at is the i-th line to be compared: empty beyond the end, and ">" for a quoted
// one, except in a forwarded mail.
func (m *mail) at(i int) string {
	switch {
	case i >= len(m.lines):
		return ""
	case m.lines[i].quoted && !m.forwarded:
		return ">"
	}
	return m.lines[i].folded
}

// quotes says whether the i-th line, or the one after it if it is empty, is quoted.
func (m *mail) quotes(i int) bool {
	if i < len(m.lines) && m.lines[i].whole == "" {
		i++
	}
	return i < len(m.lines) && m.lines[i].quoted
}

// trimTail takes empty lines, lines drawn and notices of confidentiality off the
// end of what is kept, as long as other words stand before them.
func (m *mail) trimTail() {
	says := m.saysFrom()
	for last, noticed := len(m.kept)-1, false; last >= 0; last = len(m.kept) - 1 {
		from := last
		if !between(m.kept[last]) {
			from = notice(m.kept)
		}
		if noticed && noticeTitle.MatchString(m.kept[last].folded) {
			from = last
		}
		if from <= says && !between(m.kept[last]) {
			return
		}
		noticed = noticed || !between(m.kept[last])
		m.kept = m.kept[:from]
	}
}

// between says whether a line parts paragraphs.
func between(l line) bool { return l.folded == "" || drawn.MatchString(l.folded) }

// saysFrom is the place of the first line kept that says more than a greeting or
// a word that points at what follows; the number of lines if none does.
func (m *mail) saysFrom() int {
	for i, l := range m.kept {
		if !between(l) && !pointer.MatchString(l.folded) {
			return i
		}
	}
	return len(m.kept)
}

// notice is the place of the line from which on the last paragraph is a lawyer's or
// a printer's; -1 if it is none's.
func notice(lines []line) int {
	const longest = 4000
	text := ""
	for i := len(lines) - 1; i >= 0 && !between(lines[i]) && len(text) < longest; i-- {
		text = lines[i].text + " " + text
		switch begin := folded(text[:min(len(text), 120)]); {
		case beforePrinting.MatchString(begin):
			return i
		case noticeBegins.MatchString(begin):
			if all := folded(text); noticeTo.MatchString(all) && noticeDemands.MatchString(all) {
				return i
			}
		}
	}
	return -1
}

// unquote takes the marks of quotation off a line.
func unquote(line string) string {
	for {
		rest, found := strings.CutPrefix(strings.TrimLeft(line, " \t"), ">")
		if !found {
			return line
		}
		line = strings.TrimPrefix(rest, " ")
	}
}

// longLine is how many bytes a line has that certainly begins no quoted mail.
const longLine = 600

// fold is a text to be compared: lower case without accents, with plain spaces and
// apostrophes, none at its ends. A line too long to be a head is a letter.
func fold(text string) string {
	if text = strings.TrimSpace(text); len(text) > longLine {
		return "x"
	}
	return folded(text)
}

func folded(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf || unicode.IsControl(r) }) < 0 {
		return strings.ToLower(strings.TrimSpace(text))
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case r == '’':
			return '\''
		case r == 'ł' || r == 'Ł':
			return 'l'
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text)))
}
