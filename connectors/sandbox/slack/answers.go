package slack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

const (
	answersTimes = 5                // that a response_url may be used
	answersLast  = 30 * time.Minute // real time
)

// answerURL is a response_url that was given out: what is posted there goes to the
// channel of an act, or to the one who acted.
type answerURL struct {
	User    string
	Channel string
	TS      string // of the message that was acted on; empty for a command
	Used    int
	At      time.Time // real time
}

// responseURL gives out an address for answers. The lock is held.
func (s *Workspace) responseURL(kind string, a *answerURL) string {
	st := &s.state
	a.At = s.Real()
	if st.Answers == nil {
		st.Answers = map[string]*answerURL{}
	}
	maps.DeleteFunc(st.Answers, func(_ string, old *answerURL) bool { return a.At.Sub(old.At) > 2*answersLast })
	token := stage.UUID()
	st.Answers[token] = a
	return fmt.Sprintf("%s/%s/%s/%d/%s", s.base(), kind, team, s.count(), token)
}

// answerRoutes take what is posted to a response_url.
func (s *Workspace) answerRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /{kind}/{team}/{number}/{token}", func(w http.ResponseWriter, r *http.Request) {
		args, code := readArgs(r)
		status := http.StatusBadRequest
		if a := s.state.Answers[r.PathValue("token")]; code == "" {
			status, code = s.take(a, args)
		}
		if code != "" {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write(stage.JSON(object{"ok": false, "error": code})) // into a buffer
			return
		}
		_, _ = w.Write([]byte("ok"))
	})
}

// take has an answer shown, or says with which status and word it is refused.
func (s *Workspace) take(a *answerURL, args url.Values) (status int, code string) {
	switch {
	case a == nil || s.Real().Sub(a.At) > answersLast:
		return http.StatusNotFound, "expired_url"
	case a.Used >= answersTimes:
		return http.StatusNotFound, "used_url"
	}
	a.Used++
	return http.StatusBadRequest, s.respond(a, args)
}

// respond shows an answer: in the place of the message that was acted on, to the
// channel, or to the one who acted, who alone sees it unless it says otherwise. The
// lock is held.
func (s *Workspace) respond(a *answerURL, args url.Values) (code string) {
	ch := s.state.channel(a.Channel)
	if ch == nil {
		return "channel_not_found"
	}
	c := &call{s: s, st: &s.state, args: args}
	source := ch.seen(a.TS, a.User)
	if c.is("delete_original") || c.is("replace_original") {
		if source == nil || source.User != botUser {
			return "message_not_found"
		}
	}
	if c.is("delete_original") {
		ch.Messages = slices.DeleteFunc(ch.Messages, func(m *Message) bool { return m == source })
		s.Changed()
		return ""
	}
	m, code := c.composed(ch)
	switch {
	case code != "":
		return code
	case c.is("replace_original"):
		source.Text, source.Blocks = m.Text, m.Blocks
		source.Edits, source.EditedTS = source.Edits+1, s.nextTS()
		s.Changed()
		return ""
	}
	switch c.args.Get("response_type") {
	case "", "ephemeral":
		m.Only = a.User
	case "in_channel":
	default:
		return "invalid_response_type"
	}
	s.post(ch, m)
	return ""
}

// answered takes what the app answered along with its acknowledgement: a command's
// answer is shown, that to a view decides what becomes of it; otherwise it says
// nothing. The lock is held.
func (s *Workspace) answered(d *delivery, body []byte) error {
	text := strings.TrimSpace(string(body))
	switch {
	case text == "" || text == "null":
		if d.Reply.View != "" {
			s.state.closeView(d.Reply.View)
		}
		return nil
	case d.Reply.View != "":
		return s.viewAnswered(d.Reply.View, body)
	case d.Kind != aCommand:
		return nil
	}
	args := url.Values{"text": {text}} // plain text will do
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) == nil {
		if len(fields) == 0 {
			return nil
		}
		args = arguments(fields)
	}
	if code := s.respond(&answerURL{User: d.Reply.User, Channel: d.Reply.Channel}, args); code != "" {
		return errors.New("the app's answer is refused: " + code)
	}
	return nil
}

// Ephemeral are the messages that a person, named by id or address, alone sees, in all
// channels, oldest first.
func (s *Workspace) Ephemeral(who string) (list []Message) {
	s.Lock()
	defer s.Unlock()
	u, err := s.state.person(who)
	if err != nil {
		return nil
	}
	for _, ch := range s.state.Channels {
		for _, m := range ch.Messages {
			if m.Only == u.ID {
				list = append(list, *m)
			}
		}
	}
	slices.SortFunc(list, func(a, b Message) int { return strings.Compare(tsKey(a.TS), tsKey(b.TS)) })
	return list
}
