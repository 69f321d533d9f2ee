package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// A document is one vendor's description. It is read once, and only what is
// asked for is made into types: the largest has 619 operations and takes more
// than half a second as a whole.
type document struct {
	file string
	path func(string) string // a request's path as the document writes it

	once      sync.Once
	raw       object           // nil where there is no such file
	templates map[int][]string // of its paths, by their number of steps

	mu    sync.Mutex
	paths map[string]*part // by template
}

// A part is the document with one path in it, and what that refers to.
type part struct {
	doc *openapi3.T
	err error
}

type operation struct {
	routers.Route
	params map[string]string
}

// has says whether the operation has such a parameter.
func (o *operation) has(in, name string) bool {
	return o.Operation.Parameters.GetByInAndName(in, name) != nil || o.PathItem.Parameters.GetByInAndName(in, name) != nil
}

var (
	zendesk = &document{file: "zendesk-support.json", path: func(p string) string { return strings.TrimSuffix(p, ".json") }}
	jira    = &document{file: "jira-platform-v3.json", path: func(p string) string {
		return strings.Replace(p[strings.Index(p, "/rest/"):], "/rest/api/2/", "/rest/api/3/", 1)
	}}
	service     = &document{file: "jira-service-management.json", path: func(p string) string { return p[strings.Index(p, "/rest/"):] }}
	slackBlocks = &document{file: "slack-blockkit-message.schema.json"}
)

// describes is the document that a request is described in; nil for none.
//
// Version 2 of Jira's API is version 3 with text where that has documents, which
// the description leaves untyped: so one serves for both.
func describes(r *http.Request) *document {
	switch p := r.URL.Path; {
	case strings.HasPrefix(p, "/api/v2/"):
		return zendesk
	case strings.Contains(p, "/rest/servicedeskapi/"): // after Data Center's context path
		return service
	case strings.Contains(p, "/rest/"): // the same
		return jira
	case strings.HasPrefix(p, "/api/chat."):
		return slackBlocks
	}
	return nil
}

// isDataCenter tells a request to Jira Data Center by its personal access token.
// No description of its API is here: its requests are held against Cloud's.
func isDataCenter(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// folder is shared/specs beside the checkout.
func folder() string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", "..", "shared", "specs")
}

// there reads the document, corrected; false where there is none.
func (d *document) there() bool {
	d.once.Do(func() {
		text, err := os.ReadFile(filepath.Join(folder(), d.file))
		if err != nil {
			return
		}
		var raw object
		if err := json.Unmarshal(text, &raw); err != nil {
			panic(fmt.Sprintf("%s: %v", d.file, err))
		}
		for _, e := range exceptions {
			if e.in == d {
				if err := e.correct(raw); err != nil {
					panic(fmt.Sprintf("%s: exception %q: %v", d.file, e.at, err))
				}
			}
		}
		d.raw, d.paths, d.templates = raw, map[string]*part{}, map[int][]string{}
		for template := range raw["paths"].(object) {
			n := strings.Count(template, "/")
			d.templates[n] = append(d.templates[n], template)
		}
	})
	return d.raw != nil
}

// find is the operation that a request is for.
func (d *document) find(method, path string) (*operation, error) {
	var best string
	var params map[string]string
	for _, template := range d.templates[strings.Count(path, "/")] {
		// Where several match, the one with fewer parameters: show_many is no ticket's id.
		if p, ok := matches(template, path); ok && (best == "" || len(p) < len(params)) {
			best, params = template, p
		}
	}
	if best == "" {
		return nil, fmt.Errorf("no such path is described")
	}
	doc, err := d.load(best)
	if err != nil {
		return nil, fmt.Errorf("description of %s: %w", best, err)
	}
	item := doc.Paths.Value(best)
	o := item.GetOperation(method)
	if o == nil {
		return nil, fmt.Errorf("no such method is described")
	}
	return &operation{routers.Route{Spec: doc, Path: best, PathItem: item, Method: method, Operation: o}, params}, nil
}

// matches compares a path with a template of as many steps, and returns its
// parameters.
func matches(template, path string) (map[string]string, bool) {
	params := map[string]string{}
	have := strings.Split(path, "/")
	for i, w := range strings.Split(template, "/") {
		switch {
		case strings.HasPrefix(w, "{") && strings.HasSuffix(w, "}") && have[i] != "":
			value, err := url.PathUnescape(have[i])
			if err != nil {
				return nil, false
			}
			params[w[1:len(w)-1]] = value
		case w != have[i]:
			return nil, false
		}
	}
	return params, true
}

// load makes one path of the document, and all that it refers to, into types.
func (d *document) load(template string) (*openapi3.T, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p := d.paths[template]
	if p == nil {
		p = &part{}
		p.doc, p.err = d.cut(template)
		d.paths[template] = p
	}
	return p.doc, p.err
}

func (d *document) cut(template string) (*openapi3.T, error) {
	item := d.raw["paths"].(object)[template]
	components := object{"securitySchemes": object{}}
	if all, ok := d.raw["components"].(object); ok {
		components["securitySchemes"] = all["securitySchemes"]
		d.gather(item, all, components)
	}
	text, err := json.Marshal(object{"openapi": d.raw["openapi"], "info": d.raw["info"],
		"paths": object{template: item}, "components": components})
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(text)
}

// gather copies what v refers to from all components into some.
func (d *document) gather(v any, all, some object) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			d.gather(e, all, some)
		}
	case object:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			d.gather(v[k], all, some)
		}
		ref, _ := v["$ref"].(string)
		steps := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
		if len(steps) != 2 {
			return
		}
		kind, name := steps[0], steps[1]
		from, _ := all[kind].(object)
		to, _ := some[kind].(object)
		if to == nil {
			to = object{}
			some[kind] = to
		}
		if _, have := to[name]; !have && from[name] != nil {
			to[name] = from[name]
			d.gather(from[name], all, some)
		}
	}
}
