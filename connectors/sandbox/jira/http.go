package jira

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"vigie/connectors/sandbox/stage"
	"vigie/rules/calendar"
)

// call is one request of an account that is signed in.
type call struct {
	*http.Request
	s    *Site
	me   User
	view view

	stranger bool // the credentials aren't believed, and the answers are those that strangers get
	hung     bool // no answer is to be given
}

// A endpoint answers a call: a status and a body, nil for none.
type endpoint func(c *call) (status int, body any)

// routes are the parts of the Jira platform API, versions 2 and 3, and of
// the Service Management API that are here. What the other deployment alone
// has is answered 404, or 410 for Cloud's removed search.
func (s *Site) routes(mux *http.ServeMux) {
	// What isn't here answers as what isn't there at Jira's.
	mux.HandleFunc("/rest/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write(stage.JSON(noResource(r))) // into a buffer
	})
	handle := func(pattern string, f endpoint) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" /rest/"+path, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, f) })
	}
	cloud := func(f endpoint) endpoint {
		return func(c *call) (int, any) {
			if c.s.options.DataCenter {
				return http.StatusNotFound, noResource(c.Request)
			}
			return f(c)
		}
	}
	dataCenter := func(f endpoint) endpoint {
		return func(c *call) (int, any) {
			if !c.s.options.DataCenter {
				return http.StatusNotFound, noResource(c.Request)
			}
			return f(c)
		}
	}
	handle("GET api/{version}/search/jql", cloud(searchCloud))
	handle("POST api/{version}/search/jql", cloud(searchCloud))
	handle("GET api/{version}/search", searchDataCenter)
	handle("POST api/{version}/search", searchDataCenter)
	handle("POST api/{version}/issue", createIssue)
	handle("POST api/{version}/issue/bulkfetch", cloud(bulkFetch))
	handle("POST api/{version}/changelog/bulkfetch", cloud(bulkChangelog))
	handle("GET api/{version}/issue/{key}", readIssue)
	handle("PUT api/{version}/issue/{key}", editIssue)
	handle("GET api/{version}/issue/{key}/changelog", cloud(readChangelog))
	handle("GET api/{version}/issue/{key}/editmeta", readEditmeta)
	handle("GET api/{version}/issue/{key}/comment", readComments)
	handle("POST api/{version}/issue/{key}/comment", writeComment)
	handle("GET api/{version}/issue/{key}/transitions", readTransitions)
	handle("POST api/{version}/issue/{key}/transitions", transition)
	handle("GET api/{version}/issue/{key}/remotelink", readLinks)
	handle("POST api/{version}/issue/{key}/remotelink", writeLink)
	handle("DELETE api/{version}/issue/{key}/remotelink", deleteLink)
	handle("GET api/{version}/issue/{key}/properties/{property}", readProperty)
	handle("GET api/{version}/field", readFields)
	handle("POST api/{version}/field", createField)
	handle("POST api/{version}/screens/addToDefault/{field}", addToDefaultScreen)
	handle("GET api/{version}/mypermissions", readPermissions)
	handle("GET api/{version}/project/{project}", readProject)
	handle("GET api/{version}/project/{project}/statuses", readProjectStatuses)
	handle("GET api/{version}/status", readStatuses)
	handle("GET api/{version}/priority", readPriorities)
	handle("GET api/{version}/myself", readMyself)
	handle("GET api/{version}/user", readUser)
	handle("GET api/{version}/user/assignable/search", findAssignable)
	handle("GET api/{version}/group/member", readGroup)
	handle("GET api/{version}/serverInfo", readServerInfo)
	handle("POST servicedeskapi/request/{key}/comment", writeRequestComment)
	handle("GET servicedeskapi/request/{key}/sla", readSLAs)
	handle("GET servicedeskapi/servicedesk", readServiceDesks)
	handle("GET servicedeskapi/servicedesk/{desk}/requesttype", readRequestTypes)
	handle("GET webhooks/1.0/webhook", cloud(listWebhooks))
	handle("POST webhooks/1.0/webhook", cloud(createWebhook))
	handle("DELETE webhooks/1.0/webhook/{id}", cloud(deleteWebhook))
	handle("GET jira-webhook/1.0/webhooks", dataCenter(listWebhooks))
	handle("POST jira-webhook/1.0/webhooks", dataCenter(createWebhook))
	handle("DELETE jira-webhook/1.0/webhooks/{id}", dataCenter(deleteWebhook))
}

// serve signs the caller in and sends what the endpoint answers.
func (s *Site) serve(w http.ResponseWriter, r *http.Request, f endpoint) {
	send := func(status int, body any) {
		if body == nil {
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "application/json;charset=UTF-8")
		w.WriteHeader(status)
		_, _ = w.Write(stage.JSON(body)) // into a buffer
	}
	version := r.PathValue("version")
	if version != "" && version != "2" && version != "latest" && (version != "3" || s.options.DataCenter) {
		send(http.StatusNotFound, noResource(r))
		return
	}
	s.state.setUp()
	scoped := r.Context().Value(throughGateway{}) != nil
	me, ok := s.account(r, scoped)
	stranger := s.Faults.Has(vendor, "stranger") || s.Faults.Has(vendor, "stranger-unsaid")
	if !ok && scoped {
		send(http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized"})
		return
	}
	if !ok || stranger && r.PathValue("version") != "" && strings.HasSuffix(r.URL.Path, "/myself") {
		w.Header().Set("WWW-Authenticate", "OAuth realm=\"jira\"")
		w.Header().Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
		send(http.StatusUnauthorized, object{"message": "Client must be authenticated to access this resource.", "status-code": 401})
		return
	}
	zone, err := calendar.LoadZone(me.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	if scope := neededScope(r); scoped && scope != "" && !slices.Contains(s.options.Scopes, scope) {
		send(http.StatusUnauthorized, object{"code": 401, "message": "Unauthorized; scope does not match"})
		return
	}
	s.sayWho(w.Header(), me)
	c := &call{Request: r, s: s, me: me, view: s.view(), stranger: stranger}
	c.view.rich, c.view.zone = version == "3", zone
	if !s.takeToken(w.Header(), r, me) {
		send(http.StatusTooManyRequests, object{"errorMessages": []string{"Rate limit exceeded."}, "errors": object{}})
		return
	}
	if key := r.PathValue("key"); key != "" && r.Method != http.MethodGet && s.tooManyWrites(key) {
		w.Header().Set("Retry-After", "2")
		w.Header().Set("RateLimit-Reason", "jira-per-issue-on-write")
		w.Header().Set("X-RateLimit-Limit", strconv.Itoa(issueWrites))
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", s.Real().Add(2*time.Second).UTC().Format(time.RFC3339))
		send(http.StatusTooManyRequests, object{"errorMessages": []string{"Rate limit exceeded."}, "errors": object{}})
		return
	}
	status, body := f(c)
	if c.hung {
		stage.Hang(w)
		return
	}
	send(status, body)
}

// noResource is the body of a 404 for what there is nothing of.
func noResource(r *http.Request) object {
	return object{"message": "null for uri: " + r.URL.Path, "status-code": 404}
}

// sayWho names in the answer's headers the account that it was given to; none is
// named to a stranger.
func (s *Site) sayWho(h http.Header, me User) {
	stranger, unsaid := s.Faults.Has(vendor, "stranger"), s.Faults.Has(vendor, "stranger-unsaid")
	switch {
	case unsaid: // a proxy takes such headers off
	case stranger && s.options.DataCenter:
		h.Set("X-Seraph-LoginReason", "AUTHENTICATION_DENIED")
		h.Set("X-AUSERNAME", "anonymous")
	case stranger:
		h.Set("X-Seraph-LoginReason", "AUTHENTICATED_FAILED")
	case s.options.DataCenter:
		h.Set("X-Seraph-LoginReason", "OK")
		h.Set("X-AUSERNAME", me.Email)
	default:
		h.Set("X-AACCOUNTID", me.AccountID)
	}
}

// account is the account that a request signs in: e-mail address and API
// token on Cloud, a personal access token on Data Center. Data Center 11 takes
// no passwords. Through Atlassian's gateway it is a token with scopes, with or
// without the address, and such a token is nobody's at the site itself.
func (s *Site) account(r *http.Request, scoped bool) (User, bool) {
	st := &s.state
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	var email, token string
	switch {
	case (s.options.DataCenter || scoped) && strings.EqualFold(scheme, "Bearer"):
		token = credentials
	case !s.options.DataCenter && strings.EqualFold(scheme, "Basic"):
		b, err := base64.StdEncoding.DecodeString(credentials)
		if err != nil {
			return User{}, false
		}
		email, token, _ = strings.Cut(string(b), ":")
	}
	if token == "" {
		return User{}, false
	}
	bot := *s.bot
	if scoped != (len(s.options.Scopes) > 0) && token == bot.Token {
		return User{}, false
	}
	if token == bot.Token && (email == "" || strings.EqualFold(email, bot.Email)) {
		return st.person(bot.Email, false), true
	}
	for _, u := range st.Users {
		if u.Token == token && (email == "" || strings.EqualFold(email, u.Email)) {
			return u, true
		}
	}
	return User{}, false
}

// Writes to one issue: 20 in two seconds, and 100 in thirty.
const (
	issueWrites     = 20
	issueWritesLong = 100
)

func (s *Site) tooManyWrites(key string) bool {
	if !s.options.PerIssueLimit {
		return false
	}
	st := &s.state
	if st.writes == nil {
		st.writes = map[string][]time.Time{}
	}
	now := s.Real()
	recent := st.writes[key]
	for len(recent) > 0 && now.Sub(recent[0]) >= 30*time.Second {
		recent = recent[1:]
	}
	full := len(recent) >= issueWritesLong || len(recent) >= issueWrites && now.Sub(recent[len(recent)-issueWrites]) < 2*time.Second
	if !full {
		recent = append(recent, now)
	}
	st.writes[key] = recent
	return full
}

// refuse is Jira's error body with a message of its own.
func refuse(status int, message string) (int, any) {
	return status, object{"errorMessages": []string{message}, "errors": object{}}
}

// refuseFields is Jira's error body with a message per field.
func refuseFields(errors map[string]string) (int, any) {
	return http.StatusBadRequest, object{"errorMessages": []string{}, "errors": errors}
}

func noIssue() (int, any) {
	return refuse(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
}

// decode reads a body strictly: Jira refuses unknown keys.
func (c *call) decode(into any) bool {
	d := json.NewDecoder(c.Body)
	d.DisallowUnknownFields()
	if d.Decode(into) != nil {
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}

func badPayload() (int, any) {
	return refuse(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
}

// number is a query parameter, or the standard one if it is absent or no number.
func (c *call) number(name string, standard int) int {
	n, err := strconv.Atoi(c.URL.Query().Get(name))
	if err != nil || n < 0 {
		return standard
	}
	return n
}

// list is a query parameter that may be repeated and hold commas.
func (c *call) list(name string) []string {
	return splitList(strings.Join(c.URL.Query()[name], ","))
}

func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
