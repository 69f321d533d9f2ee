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

	"vigie/connectors/sandbox/stage"
)

// home is where the account's objects say that they live; links to
// further pages lead to the address that was called.
const home = "https://acme.zendesk.com"

func address(kind string, id int64) string {
	return fmt.Sprintf("%s/api/v2/%s/%d.json", home, kind, id)
}

// apiError is a refusal in Zendesk's form.
type apiError struct {
	Status      int                 `json:"-"`
	Code        string              `json:"error"`
	Description string              `json:"description,omitempty"`
	Details     map[string][]detail `json:"details,omitempty"`
	RetryAfter  int                 `json:"-"` // seconds
}

type detail struct {
	Description string `json:"description"`
}

// text is the most particular thing that the refusal says.
func (e *apiError) text() string {
	for _, list := range e.Details {
		for _, d := range list {
			return d.Description
		}
	}
	return e.Description
}

func (e *apiError) Error() string { return e.Code + ": " + e.text() }

var (
	errNotFound  = &apiError{Status: http.StatusNotFound, Code: "RecordNotFound", Description: "Not found"}
	errForbidden = &apiError{Status: http.StatusForbidden, Code: "Forbidden",
		Description: "You do not have access to this page. Please contact the account owner of this help desk for further help."}
)

func badRequest(code, description string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Code: code, Description: description}
}

// call is one authenticated request.
type call struct {
	*http.Request
	by   actor
	base string // of links: scheme and host

	endless func(first, last, next int) (to int, mark string, ok bool) // Desk.endless
}

// answer is a body with another status than 200.
type answer struct {
	status   int
	body     any
	location string
}

// routes serves each path with and without ".json", as Zendesk does.
func (d *Desk) routes(mux *http.ServeMux) {
	routes := http.NewServeMux()
	handle := func(pattern string, h func(*call) (any, *apiError)) {
		method, path, _ := strings.Cut(pattern, " ")
		admin := strings.HasPrefix(path, "incremental/") ||
			method != "GET" && slices.ContainsFunc([]string{"ticket_fields", "webhooks", "triggers", "users", "deleted_users"}, func(of string) bool { return strings.HasPrefix(path, of) })
		routes.HandleFunc(method+" /api/v2/"+path, func(w http.ResponseWriter, r *http.Request) {
			d.serve(w, r, admin, h)
		})
	}
	handle("GET incremental/tickets/cursor", d.exportTickets)
	handle("GET incremental/ticket_events", d.exportEvents)
	handle("GET tickets", d.listTickets)
	handle("POST tickets", d.postTicket)
	handle("GET tickets/show_many", d.showManyTickets)
	handle("PUT tickets/update_many", d.updateManyTickets)
	handle("GET tickets/{id}", d.getTicket)
	handle("PUT tickets/{id}", d.putTicket)
	handle("DELETE tickets/{id}", d.deleteTicket)
	handle("GET tickets/{id}/audits", d.ticketAudits)
	handle("GET tickets/{id}/comments", d.ticketComments)
	handle("PUT tickets/{id}/comments/{comment}/make_private", d.putPrivate)
	handle("PUT tickets/{id}/comments/{comment}/redact", d.putRedaction)
	handle("PUT tickets/{id}/comments/{comment}/attachments/{file}/redact", d.putFileRedaction)
	handle("GET deleted_tickets", d.listDeleted)
	handle("DELETE deleted_tickets/{id}", d.purgeTicket)
	handle("PUT deleted_tickets/{id}/restore", d.restoreTicket)
	handle("POST tickets/{id}/merge", d.postMerge)
	handle("PUT tickets/{id}/mark_as_spam", d.putSpam)
	handle("POST uploads", d.postUpload)
	handle("POST requests", d.postRequest)
	handle("GET tickets/{id}/tags", d.ticketTags)
	handle("PUT tickets/{id}/tags", d.ticketTags)
	handle("DELETE tickets/{id}/tags", d.ticketTags)
	handle("GET job_statuses/show_many", d.showManyJobs)
	handle("GET job_statuses/{id}", d.getJob)
	handle("GET search", d.search)
	handle("GET search/export", d.searchExport)
	handle("GET ticket_fields", d.listFields)
	handle("POST ticket_fields", d.postField)
	handle("GET ticket_fields/{id}", d.getField)
	handle("GET ticket_forms", d.listForms)
	handle("GET users", d.listUsers)
	handle("GET users/me", d.me)
	handle("GET users/show_many", d.showManyUsers)
	handle("GET users/search", d.searchUsers)
	handle("GET users/{id}/group_memberships", d.listMemberships)
	handle("GET users/{id}", d.getUser)
	handle("PUT users/{id}", d.putUser)
	handle("DELETE users/{id}", d.deleteUser)
	handle("DELETE deleted_users/{id}", d.purgeUser)
	handle("GET organizations", d.listOrganizations)
	handle("GET organizations/show_many", d.showManyOrganizations)
	handle("GET organizations/{id}", d.getOrganization)
	handle("GET groups", d.listGroups)
	handle("GET groups/{id}", d.getGroup)
	handle("GET custom_statuses", d.listStatuses)
	handle("GET oauth/tokens/current", d.currentToken)
	handle("GET webhooks", d.listWebhooks)
	handle("POST webhooks", d.postWebhook)
	handle("GET webhooks/{id}", d.getWebhook)
	handle("PATCH webhooks/{id}", d.patchWebhook)
	handle("DELETE webhooks/{id}", d.deleteWebhook)
	handle("GET webhooks/{id}/signing_secret", d.webhookSecret)
	handle("GET triggers", d.listTriggers)
	handle("POST triggers", d.postTrigger)
	handle("PUT triggers/{id}", d.putTrigger)
	handle("DELETE triggers/{id}", d.deleteTrigger)

	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		r.URL.Path = strings.TrimSuffix(r.URL.Path, ".json")
		r.URL.RawPath = ""
		if _, pattern := routes.Handler(r); pattern != "" {
			routes.ServeHTTP(w, r)
			return
		}
		d.serve(w, r, false, func(*call) (any, *apiError) {
			return nil, &apiError{Status: http.StatusNotFound, Code: "InvalidEndpoint", Description: "Not found"}
		})
	})
}

// serve authenticates, counts, handles, and encodes.
func (d *Desk) serve(w http.ResponseWriter, r *http.Request, admin bool, h func(*call) (any, *apiError)) {
	d.open()
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	user, scopes, refusal := d.authenticate(r)
	if refusal != nil {
		refusal.send(w)
		return
	}
	if _, _, known := r.BasicAuth(); user == nil && (known || r.URL.Path != "/api/v2/requests") { // which anybody may make
		w.Header().Set("WWW-Authenticate", `Basic realm="Web Password"`)
		send(w, &apiError{Status: http.StatusUnauthorized, Code: "Couldn't authenticate you"})
		return
	}
	if e := d.countRequest(w.Header()); e != nil {
		send(w, e)
		return
	}
	if missing := missingScope(r, scopes); missing != "" && scopes != nil {
		send(w, &apiError{Status: http.StatusForbidden, Code: "Forbidden", Description: "You are missing the following required scopes: " + missing})
		return
	}
	if admin && (user == nil || user.Role != "admin") {
		send(w, errForbidden)
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	body, e := h(&call{Request: r, by: actor{user, via("api")}, base: scheme + r.Host, endless: d.endless})
	if e != nil {
		send(w, e)
		return
	}
	send(w, body)
}

func send(w http.ResponseWriter, body any) {
	status := http.StatusOK
	switch b := body.(type) {
	case *apiError:
		status = b.Status
		if b.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(b.RetryAfter))
		}
	case answer:
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

// authenticate reads Basic "email/token:TOKEN", or an access token as a bearer,
// which has scopes; a password is refused.
func (d *Desk) authenticate(r *http.Request) (user *user, scopes []string, refusal *oauthError) {
	if text := bearer(r); strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		t := d.tokens[text]
		if t == nil || !d.Real().Before(t.end) {
			return nil, nil, errInvalidToken
		}
		return d.state.userByEmail(d.admin.Email), t.scopes, nil
	}
	name, token, ok := r.BasicAuth()
	email, isToken := strings.CutSuffix(name, "/token")
	if !ok || !isToken || d.Faults.Has(vendor, "api-tokens-ended") {
		return nil, nil, nil
	}
	want := d.state.Tokens[strings.ToLower(email)]
	if strings.EqualFold(email, d.admin.Email) {
		want = d.admin.Token
	}
	if want == "" || subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1 {
		return nil, nil, nil
	}
	return d.state.userByEmail(email), nil, nil
}

// decode reads the JSON body of a write.
func (c *call) decode(v any) *apiError {
	if kind, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &apiError{Status: http.StatusUnsupportedMediaType, Code: "UnsupportedMediaType", Description: "Content-Type must be application/json"}
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
func (c *call) id() int64 {
	id, _ := strconv.ParseInt(c.PathValue("id"), 10, 64) // no ticket has the id 0
	return id
}

// ids reads a comma-separated parameter of up to 100 ids.
func (c *call) ids(name string) ([]int64, *apiError) {
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

// invalid is the refusal of one property.
func invalid(name, description string) *apiError {
	return &apiError{Status: http.StatusUnprocessableEntity, Code: "RecordInvalid", Description: "Record validation errors",
		Details: map[string][]detail{name: {{description}}}}
}
