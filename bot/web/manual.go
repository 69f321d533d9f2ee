package web

import (
	"html/template"
	"net/http"

	"vigie/bot/docs"
)

// The manual is open to everybody. It says what holds for every installation, and
// nothing of this one: no configuration, no source, no ticket, not even the hour by
// which the board goes. Whoever can't sign in may be in need of it most. It is in
// English; the frame around it is in the reader's language.

const manualLanguage = "en"

// manual lists the manual's pages.
func (s *Server) manual(w http.ResponseWriter, r *http.Request) error {
	return s.render(w, http.StatusOK, "manual.html", s.manualPage(w, r))
}

// manualOf shows one page of the manual.
func (s *Server) manualOf(w http.ResponseWriter, r *http.Request) error {
	m := s.manualPage(w, r)
	page, ok := docs.Find(r.PathValue("page"))
	if !ok {
		return &refusal{http.StatusNotFound, m.W.Say("refusal.no_manual_page")}
	}
	html, err := s.printed(page, m.asked())
	if err != nil {
		return err
	}
	m.Name, m.Heading, m.Text = page.Name, page.Title, html
	return s.render(w, http.StatusOK, "manual.html", m)
}

// printed is a page's HTML, made when it is first asked for: strangers may ask often. Lang
// is the language that its links keep, one of ours or "".
func (s *Server) printed(page docs.Page, lang string) (template.HTML, error) {
	key := page.Name + " " + lang
	if html, ok := s.pages.Load(key); ok {
		return html.(template.HTML), nil
	}
	html, err := page.HTML(func(name string) string {
		if lang != "" {
			name += "?lang=" + lang
		}
		return "/docs/" + name
	})
	if err == nil {
		s.pages.Store(key, html)
	}
	return html, err
}

// asked is the page's language if the reader has asked for it, "" if his browser has.
func (p page) asked() string {
	if p.query.Get("lang") == "" {
		return ""
	}
	return p.W.Tag
}

// A manualPage is a page of the manual, or the list of all, in the board's frame.
type manualPage struct {
	page
	Foreign bool // to the reader, as far as his language is known
	Pages   []docs.Page
	Name    string // "" for the list
	Heading string
	Text    template.HTML
}

func (s *Server) manualPage(w http.ResponseWriter, r *http.Request) manualPage {
	w.Header().Set("Vary", "Accept-Language")
	p := s.page(r)
	p.Now = moment{}
	return manualPage{page: p, Foreign: p.W.Tag != manualLanguage, Pages: docs.Pages, Heading: p.W.Say("web.manual")}
}
