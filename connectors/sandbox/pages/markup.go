package pages

import (
	"html"
	"html/template"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What Slack's markup means (docs.slack.dev/messaging/formatting-message-text). What
// stands between < and > is a link, a mention or a date; &, < and > of the text itself
// are escaped in it.

var (
	inAngles = regexp.MustCompile(`<([^<>]*)>`)
	styles   = []struct {
		pattern *regexp.Regexp
		with    string
	}{
		{regexp.MustCompile("(?s)```(.+?)```"), "<code class=many>$1</code>"},
		{regexp.MustCompile("`([^`\n]+)`"), "<code>$1</code>"},
		{regexp.MustCompile(`(^|[\s(])\*([^*\n]+)\*`), "$1<b>$2</b>"},
		{regexp.MustCompile(`(^|[\s(])_([^_\n]+)_`), "$1<em>$2</em>"},
		{regexp.MustCompile(`(^|[\s(])~([^~\n]+)~`), "$1<s>$2</s>"},
	}
	shortcode = regexp.MustCompile(`:([a-z0-9_+-]+):`)
)

// signs are the emoji that our cards and people here use.
var signs = map[string]string{
	"eyes": "👀", "white_check_mark": "✅", "warning": "⚠️", "red_circle": "🔴", "large_yellow_circle": "🟡", "large_green_circle": "🟢",
	"bell": "🔔", "rotating_light": "🚨", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "+1": "👍", "zzz": "💤", "raised_hand": "✋",
}

func sign(name string) string {
	if s, known := signs[name]; known {
		return s
	}
	return ":" + name + ":"
}

// unescape is a text without Slack's three escapes.
var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace

// plain is a text as it is, with its line breaks.
func plain(s string) template.HTML {
	return template.HTML(strings.ReplaceAll(html.EscapeString(s), "\n", "<br>"))
}

// markup is a text with Slack's markup. Everything of the text is escaped; what is
// added is of this file alone.
func (p *slackPage) markup(s string) template.HTML {
	var b strings.Builder
	rest := 0
	for _, at := range inAngles.FindAllStringSubmatchIndex(s, -1) {
		b.WriteString(styled(s[rest:at[0]]))
		b.WriteString(p.special(s[at[2]:at[3]]))
		rest = at[1]
	}
	b.WriteString(styled(s[rest:]))
	return template.HTML(b.String())
}

func styled(s string) string {
	s = html.EscapeString(unescape(s))
	for _, style := range styles {
		s = style.pattern.ReplaceAllString(s, style.with)
	}
	s = shortcode.ReplaceAllStringFunc(s, func(code string) string {
		if known, ok := signs[strings.Trim(code, ":")]; ok {
			return known
		}
		return code
	})
	return strings.ReplaceAll(s, "\n", "<br>")
}

// special is what stands between angles.
func (p *slackPage) special(s string) string {
	what, label, _ := strings.Cut(s, "|")
	switch {
	case strings.HasPrefix(what, "@"), strings.HasPrefix(what, "#"):
		return p.mention(what[1:])
	case strings.HasPrefix(what, "!subteam^"):
		return p.mention(strings.TrimPrefix(what, "!subteam^"))
	case strings.HasPrefix(what, "!date^"):
		return html.EscapeString(p.date(what, label))
	case strings.HasPrefix(what, "!"): // here, channel, everyone
		return `<strong class="mention">@` + html.EscapeString(what[1:]) + "</strong>"
	}
	if label == "" {
		label = what
	}
	if webURL(what) == "" {
		return html.EscapeString(unescape(label))
	}
	return anchor(what, label)
}

// mention is a person, a group or a channel by its id.
func (p *slackPage) mention(id string) string {
	name := p.names[id]
	switch {
	case name == "":
		name = id
	case id[0] == 'U':
		name = "@" + name
	}
	return `<strong class="mention">` + html.EscapeString(name) + "</strong>"
}

func anchor(address, label string) string {
	return `<a href="` + html.EscapeString(unescape(address)) + `">` + html.EscapeString(unescape(label)) + "</a>"
}

// webURL is an address that a page may lead to; empty for any other.
func webURL(s string) string {
	u, err := url.Parse(unescape(s))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return u.String()
}

var inBraces = regexp.MustCompile(`\{[a-z_]+\}`)

// date is an instant in the reader's own zone, or the fallback where it can't be read.
func (p *slackPage) date(what, fallback string) string {
	parts := strings.Split(what, "^")
	if len(parts) < 3 {
		return unescape(fallback)
	}
	seconds, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil {
		return unescape(fallback)
	}
	at := time.Unix(seconds, 0).In(zone())
	return inBraces.ReplaceAllStringFunc(unescape(parts[2]), func(place string) string {
		switch strings.TrimSuffix(strings.Trim(place, "{}"), "_pretty") {
		case "date_num":
			return at.Format("2006-01-02")
		case "date", "date_long":
			return p.W.Time("time.long", at)
		case "date_short":
			return p.W.Time("time.day", at)
		case "time":
			return p.W.Time("time.clock", at)
		case "time_secs":
			return p.W.Time("time.exact", at)
		}
		return place
	})
}
