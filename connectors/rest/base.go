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

	"vigie/connectors/findings"
	"vigie/rules"
)

// Misdirected looks for the reason why an API doesn't answer at a base URL, such
// as https://acme.example/jira: it asks there for a path that every such API has,
// and then beside it. elsewhere are paths below the same host that the API might be
// at. It is false where the base URL isn't what is wrong.
//
// It is asked when a request has failed, and costs a few more, unless that one had
// no answer at all.
func Misdirected(ctx context.Context, failed error, hc *http.Client, base, path string, elsewhere ...string) (findings.Finding, bool) {
	var cut *cutError
	var none *GrantError
	switch transport, ours := hc.Transport.(*Transport); {
	case errors.As(failed, &none) && ours && none.Status > 0 && !none.Denied():
		bare := *transport // what is wrong may be why there are no credentials
		bare.Authorize, bare.Renew = nil, nil
		hc = bare.Client()
	case errors.As(failed, &cut):
		return findings.Finding{}, false
	}
	says, moved := look(ctx, hc, base, path)
	if says.EN == "" {
		return findings.Finding{}, false
	}
	if moved == "" {
		u, err := url.Parse(base)
		if err != nil {
			return findings.Finding{}, false
		}
		for _, at := range elsewhere {
			other := u.Scheme + "://" + u.Host + at
			if other == base {
				continue
			}
			if wrong, _ := look(ctx, hc, other, path); wrong.EN == "" {
				moved = other
				break
			}
		}
	}
	f := findings.Finding{Weight: findings.Wrong, Text: says.EN,
		Remedy: "write the address under which the API answers, without a page's path; a login page or proxy before it must let Vigie through",
		FR: findings.Advice{Text: says.FR,
			Remedy: "écrire l'adresse à laquelle l'API répond, sans le chemin d'une page ; une page de connexion ou un mandataire placé devant doit laisser passer Vigie"}}
	if moved != "" {
		f.Remedy, f.FR.Remedy = fmt.Sprintf("write url = %q", moved), fmt.Sprintf("écrire url = %q", moved)
	}
	return f, true
}

// look asks for a path below a base URL, and says what is odd about the answer;
// empty if an API answers there, or nothing does. moved is the base URL that a
// redirect leads to.
func look(ctx context.Context, hc *http.Client, base, path string) (says rules.Words, moved string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
	if err != nil {
		return rules.Words{}, ""
	}
	resp, err := hc.Do(req)
	var status *StatusError
	switch {
	case errors.As(err, &status) && status.Status/100 == 3:
		to, err := req.URL.Parse(status.Header.Get("Location"))
		if err != nil {
			return rules.Words{FR: "l'adresse redirige les requêtes", EN: "it redirects requests"}, ""
		}
		if at, ok := strings.CutSuffix(to.Path, path); ok {
			moved = to.Scheme + "://" + to.Host + at
		}
		return rules.Words{FR: "l'adresse redirige vers " + to.Scheme + "://" + to.Host, EN: "it redirects to " + to.Scheme + "://" + to.Host}, moved
	case errors.As(err, &status) && page(status.Header, status.Body):
		return rules.Words{FR: fmt.Sprintf("une page web y répond, avec %d, et non l'API", status.Status), EN: fmt.Sprintf("a web page answers there, with %d, not the API", status.Status)}, ""
	case errors.As(err, &status) && status.Status == http.StatusNotFound:
		return rules.Words{FR: "l'API n'y est pas : 404", EN: "the API isn't there: 404"}, ""
	case err != nil:
		return rules.Words{}, "" // down, or refuses the credentials: it is the right place
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && page(resp.Header, body) {
		return rules.Words{FR: "une page web y répond, et non l'API", EN: "a web page answers there, not the API"}, ""
	}
	if err == nil && !json.Valid(body) {
		return rules.Words{FR: "ce qui y répond n'est pas l'API", EN: "what answers there isn't the API"}, ""
	}
	return rules.Words{}, ""
}
