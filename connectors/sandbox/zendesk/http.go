package zendesk

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
)

// zendeskHome is where the account's objects say that they live; links to
// further pages lead to the address that was called.
const zendeskHome = "https://acme.zendesk.com"

func zendeskURL(kind string, id int64) string {
	return fmt.Sprintf("%s/api/v2/%s/%d.json", zendeskHome, kind, id)
}

// zendeskError is a refusal in Zendesk's form.
type zendeskError struct {
	Status      int                        `json:"-"`
	Code        string                     `json:"error"`
	Description string                     `json:"description,omitempty"`
	Details     map[string][]zendeskDetail `json:"details,omitempty"`
	RetryAfter  int                        `json:"-"` // seconds
}

type zendeskDetail struct {
	Description string `json:"description"`
}

// text is the most particular thing that the refusal says.
func (e *zendeskError) text() string {
	for _, list := range e.Details {
		for _, d := range list {
			return d.Description
		}
	}
	return e.Description
}

func (e *zendeskError) Error() string { return e.Code + ": " + e.text() }

var (
	errNotFound  = &zendeskError{Status: http.StatusNotFound, Code: "RecordNotFound", Description: "Not found"}
	errForbidden = &zendeskError{Status: http.StatusForbidden, Code: "Forbidden",
		Description: "You do not have access to this page. Please contact the account owner of this help desk for further help."}
)

func badRequest(code, description string) *zendeskError {
	return &zendeskError{Status: http.StatusBadRequest, Code: code, Description: description}
}

// zendeskCall is one authenticated request.
type zendeskCall struct {
	*http.Request
	by   zendeskActor
	base string // of links: scheme and host

	endless func(first, last, next int) (to int, mark string, ok bool) // Desk.endless
}

// zendeskAnswer is a body with another status than 200.
type zendeskAnswer struct {
	status   int
	body     any
	location string
}

// zendeskRoutes serves each path with and without ".json", as Zendesk does.
func (s *Desk) zendeskRoutes(mux *http.ServeMux) {
	routes := http.NewServeMux()
	handle := func(pattern string, h func(*zendeskCall) (any, *zendeskError)) {
		method, path, _ := strings.Cut(pattern, " ")
		admin := strings.HasPrefix(path, "incremental/") ||
			method != "GET" && slices.ContainsFunc([]string{"ticket_fields", "webhooks", "triggers", "users", "deleted_users"}, func(of string) bool { return strings.HasPrefix(path, of) })
		routes.HandleFunc(method+" /api/v2/"+path, func(w http.ResponseWriter, r *http.Request) {
			s.answerZendesk(w, r, admin, h)
		})
	}
	handle("GET incremental/tickets/cursor", s.exportTickets)
	handle("GET incremental/ticket_events", s.exportEvents)
	handle("GET tickets", s.listTickets)
	handle("POST tickets", s.postTicket)
	handle("GET tickets/show_many", s.showManyTickets)
	handle("PUT tickets/update_many", s.updateManyTickets)
	handle("GET tickets/{id}", s.getTicket)
	handle("PUT tickets/{id}", s.putTicket)
	handle("DELETE tickets/{id}", s.deleteTicket)
	handle("GET tickets/{id}/audits", s.ticketAudits)
	handle("GET tickets/{id}/comments", s.ticketComments)
	handle("PUT tickets/{id}/comments/{comment}/make_private", s.putPrivate)
	handle("PUT tickets/{id}/comments/{comment}/redact", s.putRedaction)
	handle("PUT tickets/{id}/comments/{comment}/attachments/{file}/redact", s.putFileRedaction)
	handle("GET deleted_tickets", s.listDeleted)
	handle("DELETE deleted_tickets/{id}", s.purgeTicket)
	handle("PUT deleted_tickets/{id}/restore", s.restoreTicket)
	handle("POST tickets/{id}/merge", s.postMerge)
	handle("PUT tickets/{id}/mark_as_spam", s.putSpam)
	handle("POST uploads", s.postUpload)
	handle("POST requests", s.postRequest)
	handle("GET tickets/{id}/tags", s.ticketTags)
	handle("PUT tickets/{id}/tags", s.ticketTags)
	handle("DELETE tickets/{id}/tags", s.ticketTags)
	handle("GET job_statuses/show_many", s.showManyJobs)
	handle("GET job_statuses/{id}", s.getJob)
	handle("GET search", s.search)
	handle("GET search/export", s.searchExport)
	handle("GET ticket_fields", s.listFields)
	handle("POST ticket_fields", s.postField)
	handle("GET ticket_fields/{id}", s.getField)
	handle("GET ticket_forms", s.listForms)
	handle("GET users", s.listUsers)
	handle("GET users/me", s.me)
	handle("GET users/show_many", s.showManyUsers)
	handle("GET users/{id}", s.getUser)
	handle("PUT users/{id}", s.putUser)
	handle("DELETE users/{id}", s.deleteUser)
	handle("DELETE deleted_users/{id}", s.purgeUser)
	handle("GET organizations", s.listOrganizations)
	handle("GET organizations/show_many", s.showManyOrganizations)
	handle("GET organizations/{id}", s.getOrganization)
	handle("GET groups", s.listGroups)
	handle("GET groups/{id}", s.getGroup)
	handle("GET custom_statuses", s.listStatuses)
	handle("GET oauth/tokens/current", s.currentToken)
	handle("GET webhooks", s.listWebhooks)
	handle("POST webhooks", s.postWebhook)
	handle("GET webhooks/{id}", s.getWebhook)
	handle("PATCH webhooks/{id}", s.patchWebhook)
	handle("DELETE webhooks/{id}", s.deleteWebhook)
	handle("GET webhooks/{id}/signing_secret", s.webhookSecret)
	handle("GET triggers", s.listTriggers)
	handle("POST triggers", s.postTrigger)
	handle("PUT triggers/{id}", s.putTrigger)
	handle("DELETE triggers/{id}", s.deleteTrigger)

	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = strings.TrimSuffix(r.URL.Path, ".json")
		r.URL.RawPath = ""
		if _, pattern := routes.Handler(r); pattern != "" {
			routes.ServeHTTP(w, r)
			return
		}
		s.answerZendesk(w, r, false, func(*zendeskCall) (any, *zendeskError) {
			return nil, &zendeskError{Status: http.StatusNotFound, Code: "InvalidEndpoint", Description: "Not found"}
		})
	})
}

// answerZendesk authenticates, counts, handles, and encodes.
func (s *Desk) answerZendesk(w http.ResponseWriter, r *http.Request, admin bool, h func(*zendeskCall) (any, *zendeskError)) {
	s.openZendesk()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	user, scopes, refusal := s.authenticateZendesk(r)
	if refusal != nil {
		refusal.send(w)
		return
	}
	if _, _, known := r.BasicAuth(); user == nil && (known || r.URL.Path != "/api/v2/requests") { // which anybody may make
		w.Header().Set("WWW-Authenticate", `Basic realm="Web Password"`)
		writeZendesk(w, &zendeskError{Status: http.StatusUnauthorized, Code: "Couldn't authenticate you"})
		return
	}
	if e := s.countZendesk(w.Header()); e != nil {
		writeZendesk(w, e)
		return
	}
	if missing := missingScope(r, scopes); missing != "" && scopes != nil {
		writeZendesk(w, &zendeskError{Status: http.StatusForbidden, Code: "Forbidden", Description: "You are missing the following required scopes: " + missing})
		return
	}
	if admin && (user == nil || user.Role != "admin") {
		writeZendesk(w, errForbidden)
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	body, e := h(&zendeskCall{Request: r, by: zendeskActor{user, via("api")}, base: scheme + r.Host, endless: s.endless})
	if e != nil {
		writeZendesk(w, e)
		return
	}
	writeZendesk(w, body)
}

func writeZendesk(w http.ResponseWriter, body any) {
	status := http.StatusOK
	switch b := body.(type) {
	case *zendeskError:
		status = b.Status
		if b.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(b.RetryAfter))
		}
	case zendeskAnswer:
		status, body = b.status, b.body
		if b.location != "" {
			w.Header().Set("Location", b.location)
		}
	}
	w.WriteHeader(status)
	if body != nil {
		_, _ = w.Write(stage.JSON(body)) // into a buffer
	}
}

// authenticateZendesk reads Basic "email/token:TOKEN", or an access token as a bearer,
// which has scopes; a password is refused.
func (s *Desk) authenticateZendesk(r *http.Request) (user *zendeskUser, scopes []string, refusal *oauthError) {
	if text := bearer(r); strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		t := s.tokens[text]
		if t == nil || !s.Real().Before(t.end) {
			return nil, nil, errInvalidToken
		}
		return s.state.userByEmail(s.admin.Email), t.scopes, nil
	}
	name, token, ok := r.BasicAuth()
	email, isToken := strings.CutSuffix(name, "/token")
	if !ok || !isToken || s.Faults.Has(vendor, "api-tokens-ended") {
		return nil, nil, nil
	}
	want := s.state.Tokens[strings.ToLower(email)]
	if strings.EqualFold(email, s.admin.Email) {
		want = s.admin.Token
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1 {
		return nil, nil, nil
	}
	return s.state.userByEmail(email), nil, nil
}

// decode reads the JSON body of a write.
func (c *zendeskCall) decode(v any) *zendeskError {
	if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &zendeskError{Status: http.StatusUnsupportedMediaType, Code: "UnsupportedMediaType", Description: "Content-Type must be application/json"}
	}
	b, err := io.ReadAll(c.Body)
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		return badRequest("InvalidJSON", "The request body is no JSON of the expected shape")
	}
	return nil
}

// id is the number in the path, 0 for what is none.
func (c *zendeskCall) id() int64 {
	id, _ := strconv.ParseInt(c.PathValue("id"), 10, 64) // no ticket has the id 0
	return id
}

// ids reads a comma-separated parameter of up to 100 ids.
func (c *zendeskCall) ids(name string) ([]int64, *zendeskError) {
	var ids []int64
	for part := range strings.SplitSeq(c.URL.Query().Get(name), ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil {
			return nil, badRequest("BadRequest", name+" must be a comma-separated list of ids")
		}
		ids = append(ids, id)
	}
	if len(ids) > 100 {
		return nil, badRequest("BadRequest", name+" must not hold more than 100 ids")
	}
	return ids, nil
}

// window counts the requests of a real minute.
type window struct {
	from time.Time
	n    int
}

// count takes one request from a limit: what is left, and the seconds until it
// is whole again. A limit of 0 refuses nothing.
func (s *Desk) count(name string, limit int) (left, reset int) {
	now := s.Real()
	w := s.windows[name]
	if w == nil || now.Sub(w.from) >= time.Minute {
		w = &window{from: now}
		s.windows[name] = w
	}
	w.n++
	return limit - w.n, max(1, int(w.from.Add(time.Minute).Sub(now).Seconds()))
}

// countZendesk applies the account's limit and tells it in both sets of headers.
func (s *Desk) countZendesk(h http.Header) *zendeskError {
	limit := s.options.RequestsPerMinute
	if limit == 0 {
		return nil
	}
	left, reset := s.count("zendesk", limit)
	shown := strconv.Itoa(max(0, left))
	h.Set("X-Rate-Limit", strconv.Itoa(limit))
	h.Set("X-Rate-Limit-Remaining", shown)
	h.Set("Ratelimit-Limit", strconv.Itoa(limit))
	h.Set("Ratelimit-Remaining", shown)
	h.Set("Ratelimit-Reset", strconv.Itoa(reset))
	if left < 0 {
		return &zendeskError{Status: http.StatusTooManyRequests, Code: "APIRateLimitExceeded",
			Description: "Number of allowed API requests per minute exceeded", RetryAfter: reset}
	}
	return nil
}
