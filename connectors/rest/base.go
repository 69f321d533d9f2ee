package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"vigie/rules"
)

// Misdirected looks for the reason why an API doesn't answer at a base URL, such
// as https://acme.example/jira: it asks there for a path that every such API has,
// and then beside it. elsewhere are paths below the same host that the API might be
// at. It is false where the base URL isn't what is wrong.
//
// It is asked when a request has failed, and costs a few more, unless that one had
// no answer at all.
func Misdirected(ctx context.Context, failed error, hc *http.Client, base, path string, elsewhere ...string) (rules.Finding, bool) {
	var cut *cutError
	if errors.As(failed, &cut) {
		return rules.Finding{}, false
	}
	says, moved := look(ctx, hc, base, path)
	if says == "" {
		return rules.Finding{}, false
	}
	if moved == "" {
		u, err := url.Parse(base)
		if err != nil {
			return rules.Finding{}, false
		}
		for _, at := range elsewhere {
			other := u.Scheme + "://" + u.Host + at
			if other == base {
				continue
			}
			if wrong, _ := look(ctx, hc, other, path); wrong == "" {
				moved = other
				break
			}
		}
	}
	f := rules.Finding{Weight: rules.Wrong, Text: says,
		Remedy: "write the address under which the API answers, without a page's path; a login page or proxy before it must let Vigie through"}
	if moved != "" {
		f.Remedy = fmt.Sprintf("write url = %q", moved)
	}
	return f, true
}

// look asks for a path below a base URL, and says what is odd about the answer;
// empty if an API answers there, or nothing does. moved is the base URL that a
// redirect leads to.
func look(ctx context.Context, hc *http.Client, base, path string) (says, moved string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return "", ""
	}
	resp, err := hc.Do(req)
	var status *StatusError
	switch {
	case errors.As(err, &status) && status.Status/100 == 3:
		to, err := req.URL.Parse(status.Header.Get("Location"))
		if err != nil {
			return "it redirects requests", ""
		}
		if at, ok := strings.CutSuffix(to.Path, path); ok {
			moved = to.Scheme + "://" + to.Host + at
		}
		return "it redirects to " + to.Scheme + "://" + to.Host, moved
	case errors.As(err, &status) && page(status.Header, status.Body):
		return fmt.Sprintf("a web page answers there, with %d, not the API", status.Status), ""
	case errors.As(err, &status) && status.Status == http.StatusNotFound:
		return "the API isn't there: 404", ""
	case err != nil:
		return "", "" // down, or refuses the credentials: it is the right place
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && page(resp.Header, body) {
		return "a web page answers there, not the API", ""
	}
	if err == nil && !json.Valid(body) {
		return "what answers there isn't the API", ""
	}
	return "", ""
}
