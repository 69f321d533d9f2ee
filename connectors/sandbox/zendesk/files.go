package zendesk

import (
	"fmt"
	"net/http"
)

// file is a file that came with a comment
// (developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments).
type file struct {
	ID          int64  `json:"id"`
	URL         string `json:"url"`
	FileName    string `json:"file_name"`
	ContentURL  string `json:"content_url"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	Inline      bool   `json:"inline"`
	Deleted     bool   `json:"deleted"`
	Thumbnails  []file `json:"thumbnails"`
}

// postUpload takes a file, which a comment may then name by its token. What is in
// it isn't kept.
func (d *Desk) postUpload(c *call) (any, *apiError) {
	name := c.URL.Query().Get("filename")
	if name == "" {
		return nil, badRequest("AttachmentFilenameMissing", "filename is required")
	}
	z := &d.state
	f := z.file(name)
	f.ContentType, f.Size = c.Header.Get("Content-Type"), c.ContentLength
	token := fmt.Sprintf("upload%d", f.ID)
	if z.Uploads == nil {
		z.Uploads = map[string]file{}
	}
	z.Uploads[token] = f
	d.Changed()
	return answer{http.StatusCreated, map[string]any{"upload": map[string]any{"token": token, "attachment": f, "attachments": []file{f}}}, ""}, nil
}

func (z *State) file(name string) file {
	id := z.nextAudit()
	return file{ID: id, URL: address("attachments", id), FileName: name, ContentURL: fmt.Sprintf("%s/attachments/token/%d/?name=%s", home, id, name),
		ContentType: "application/octet-stream", Thumbnails: []file{}}
}

// uploaded are the files that tokens stand for; each token serves once.
func (z *State) uploaded(tokens []string) (files []file, refused *apiError) {
	files = []file{}
	for _, token := range tokens {
		f, ok := z.Uploads[token]
		if !ok {
			return nil, invalid("uploads", "Uploads: "+token+" is invalid")
		}
		files = append(files, f)
	}
	for _, token := range tokens {
		delete(z.Uploads, token)
	}
	return files, nil
}

// attach gives the tokens of so many files that a person has chosen.
func (z *State) attach(n int) (tokens []string) {
	for i := range n {
		f := z.file(fmt.Sprintf("file-%d.png", i+1))
		token := fmt.Sprintf("upload%d", f.ID)
		if z.Uploads == nil {
			z.Uploads = map[string]file{}
		}
		z.Uploads[token] = f
		tokens = append(tokens, token)
	}
	return tokens
}
