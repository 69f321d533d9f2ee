package desk

import (
	"regexp"
	"slices"
	"strings"
)

// How another mail's text begins.
type headKind int

const (
	noHead      headKind = iota
	quoteHead            // a quoted mail, or a forwarded one: only the subject tells
	forwardHead          // a forwarded mail
	attribution          // "On … wrote:"
)

// head says how many of the next lines are the head of another mail.
func (m *mail) head() (lines int, kind headKind) {
	first := m.at(0)
	switch {
	case first == "":
	case (first[0] == '-' || first[len(first)-1] == ':') && forwardRule.MatchString(first):
		return 1 + m.headers(1, true), forwardHead
	case (first[0] == '-' || first[0] == '_') && quoteRule.MatchString(first):
		return 1 + m.headers(1, true), quoteHead
	case replyAbove.MatchString(first):
		return 1, quoteHead
	case first[0] == '_' && underscores.MatchString(first) && strings.Contains(m.at(1), "@") && headerName(m.at(1)) != "" && headerName(m.at(2)) != "":
		return 1, quoteHead // in whatever language
	}
	if n := m.headers(0, false); n > 0 {
		return n, quoteHead
	}
	if n := m.attribution(); n > 0 {
		return n, attribution
	}
	return 0, noHead
}

// headerName is what stands before the colon of a line such as "From: …",
// "Envoyé : …" or "**Betreff:** …"; empty if nothing that could be a name does.
func headerName(line string) string {
	name, _, found := strings.Cut(line[:min(len(line), 32)], ":")
	if !found {
		return ""
	}
	return strings.Trim(name, " *_")
}

// What a header tells.
const (
	sender = iota + 1
	sent   // only mails are sent; a date is anything's
	day
	about
	receiver
	besides
)

// headerNames are the names of headers, folded, in the languages of Europe's
// larger customers: English, French, German, Spanish, Italian, Portuguese,
// Dutch, Polish.
var headerNames = map[string]int{
	"from": sender, "de": sender, "von": sender, "da": sender, "van": sender, "od": sender, "expediteur": sender,
	"sent": sent, "envoye": sent, "envoye le": sent, "gesendet": sent, "enviado": sent, "enviado el": sent, "enviada em": sent,
	"inviato": sent, "verzonden": sent, "wyslano": sent,
	"date": day, "datum": day, "fecha": day, "data": day,
	"subject": about, "objet": about, "sujet": about, "betreff": about, "asunto": about, "oggetto": about, "assunto": about, "onderwerp": about, "temat": about,
	"to": receiver, "cc": receiver, "a": receiver, "pour": receiver, "an": receiver, "para": receiver, "aan": receiver, "do": receiver, "dw": receiver,
	"copie": receiver, "kopie": receiver, "destinataire": receiver,
	"reply-to": besides, "importance": besides, "priority": besides, "attachments": besides, "pieces jointes": besides, "wichtigkeit": besides, "anlagen": besides,
}

// headers counts the lines of a block of headers from the i-th line on: at least
// three, the sender's first, and among them when it was sent, or an address.
// After a line that says what follows, one is enough, and an empty line may come
// first. Long lists of receivers go over several lines, and some programs put an
// empty line after each header.
func (m *mail) headers(i int, announced bool) int {
	const most = 30
	from := i
	if announced && m.at(i) == "" {
		from++
	}
	var seen [besides + 1]int
	end, last, total := from, 0, 0
	var address, unfinished bool // an address among them; the last one's value may be on the next line
	for n := from; n < min(len(m.lines), from+most); n++ {
		line := m.at(n)
		if kind := headerNames[headerName(line)]; kind != 0 {
			if kind != sender && seen[sender] == 0 && !announced || kind == sender && seen[sender] > 0 {
				break
			}
			seen[kind]++
			total++
			last, unfinished = kind, strings.HasSuffix(strings.TrimRight(line, "*_ "), ":")
		} else if line == "" && n == end {
			continue
		} else if unfinished && line != "" {
			unfinished = false
		} else if last != sender && last != receiver || !strings.ContainsAny(line, "@;<") {
			break
		}
		address = address || strings.Contains(line, "@")
		end = n + 1
	}
	if announced && total > 0 || total >= 3 && seen[sender] > 0 && (seen[sent] > 0 || address) {
		return end - i
	}
	return 0
}

// attribution counts the lines of "On …, Lena wrote:", which mail programs break
// in up to three: 0 if the next lines are none. There is a date or an address in
// it, or quoted lines follow; and nobody writes it of himself or to somebody.
func (m *mail) attribution() int {
	if first := m.at(0); !introduces(first) && !strings.Contains(first, "@") && !slices.ContainsFunc(verbs, func(v string) bool { return strings.Contains(first, v) }) {
		return 0
	}
	joined := ""
	for n := 1; n <= 3 && n <= len(m.lines) && len(joined) < longLine; n++ {
		next := m.at(n - 1)
		if next == "" {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + next)
		if !strings.Contains(joined, ":") || !wrote.MatchString(joined) && !wroteAddress.MatchString(joined) || told.MatchString(joined) {
			continue
		}
		if (introduces(joined) || addressed.MatchString(joined)) && dated.MatchString(joined) || m.quotes(n) && !m.forwarded {
			return n
		}
	}
	return 0
}

// introduces says whether a line begins like "On 27 November" in some language.
func introduces(line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	return slices.Contains([]string{"on", "le", "am", "el", "il", "em", "op", "den", "w", "dnia"}, word) && strings.ContainsAny(rest, "0123456789")
}

var (
	verbs   = []string{"wrote", "a ecrit", "schrieb", "escribio", "ha scritto", "escreveu", "schreef", "geschreven", "skrev", "napisal", "napisal(a)", "napisala", "pisze"}
	anyVerb = `(?:` + strings.ReplaceAll(strings.ReplaceAll(strings.Join(verbs, "|"), "(", `\(`), ")", `\)`) + `)`

	wrote        = regexp.MustCompile(` ` + anyVerb + ` ?:$| (?:schrieb|schreef|(?:wrote|a ecrit) (?:on|le)) .*:$`)
	wroteAddress = regexp.MustCompile(`<[^<>]+@[^<>]+> ?(?:` + anyVerb + ` ?:|:$)`)
	told         = regexp.MustCompile(` (?:i|we|he|she|they|nous|m'|vous|lui|leur|il|elle|ich|wir|er|sie) ?` + anyVerb + `| schrieb (?:uns|mir|ihm|ihr|ich|wir|er|sie)\b`)
	dated        = regexp.MustCompile(`\b\d{4}\b|\d{1,2}[:h.]\d{2}`)
	addressed    = regexp.MustCompile(`<[^<>]+@[^<>]+>`)
)
