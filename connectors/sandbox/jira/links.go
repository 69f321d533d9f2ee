package jira

import (
	"net/http"
	"slices"
)

// link is a remote link, as it is sent and shown.
type link struct {
	ID           int    `json:"id,omitempty"`
	Self         string `json:"self,omitempty"`
	GlobalID     string `json:"globalId,omitempty"`
	Relationship string `json:"relationship,omitempty"`
	Application  *struct {
		Type string `json:"type,omitempty"`
		Name string `json:"name,omitempty"`
	} `json:"application,omitempty"`
	Object struct {
		URL     string `json:"url"`
		Title   string `json:"title"`
		Summary string `json:"summary,omitempty"`
		Icon    *icon  `json:"icon,omitempty"`
		Status  *struct {
			Resolved bool  `json:"resolved"`
			Icon     *icon `json:"icon,omitempty"`
		} `json:"status,omitempty"`
	} `json:"object"`
}

type icon struct {
	URL   string `json:"url16x16,omitempty"`
	Title string `json:"title,omitempty"`
	Link  string `json:"link,omitempty"`
}

// writeLink adds a remote link, or replaces the one with its global id: what is
// left out then is gone.
func writeLink(c *call) (int, any) {
	var l link
	if !c.decode(&l) || l.ID != 0 || l.Self != "" {
		return badPayload()
	}
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	switch {
	case l.Object.Title == "":
		return refuseFields(map[string]string{"title": "'title' is required."})
	case l.Object.URL == "":
		return refuseFields(map[string]string{"url": "'url' is required."})
	case len(l.GlobalID) > 255:
		return refuseFields(map[string]string{"globalId": "'globalId' is longer than 255 characters."})
	}
	status := http.StatusCreated
	for n, old := range i.Links {
		if l.GlobalID != "" && old.GlobalID == l.GlobalID {
			l.ID, i.Links[n], status = old.ID, l, http.StatusOK
			i.Links[n].ID = old.ID
		}
	}
	if status == http.StatusCreated {
		l.ID = c.s.state.nextID()
		i.Links = append(i.Links, l)
	}
	c.s.Changed()
	return status, object{"id": l.ID, "self": c.view.self("/issue/%s/remotelink/%d", i.Key, l.ID)}
}

// readLinks lists an issue's remote links; with ?globalId= the one that has it.
func readLinks(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	id := c.URL.Query().Get("globalId")
	list := []link{}
	for _, l := range i.Links {
		l.Self = c.view.self("/issue/%s/remotelink/%d", i.Key, l.ID)
		if id != "" && l.GlobalID == id {
			return http.StatusOK, l
		}
		list = append(list, l)
	}
	if id != "" {
		return refuse(http.StatusNotFound, "No remote issue link with global id '"+id+"' exists.")
	}
	return http.StatusOK, list
}

// deleteLink takes the remote link with ?globalId= off an issue.
func deleteLink(c *call) (int, any) {
	i := c.issue(c.PathValue("key"))
	if i == nil {
		return noIssue()
	}
	id := c.URL.Query().Get("globalId")
	at := slices.IndexFunc(i.Links, func(l link) bool { return l.GlobalID == id })
	switch {
	case id == "":
		return refuse(http.StatusBadRequest, "The globalId query parameter is required.")
	case at < 0:
		return refuse(http.StatusNotFound, "No remote issue link with global id '"+id+"' exists.")
	}
	i.Links = slices.Delete(i.Links, at, at+1)
	c.s.Changed()
	return http.StatusNoContent, nil
}
