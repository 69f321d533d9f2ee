package contract

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// blockKit is the schema of a message's blocks; nil where it isn't there. Slack
// publishes no description of its API itself.
var blockKit = sync.OnceValue(func() *jsonschema.Schema {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(folder(), slackBlocks.file))
	if err != nil {
		return nil
	}
	return schema
})

// blocks checks the blocks of a message that is posted or edited.
func (c *checked) blocks(r *http.Request, body []byte) {
	schema := blockKit()
	form, err := url.ParseQuery(string(body))
	if schema == nil || err != nil || form.Get("blocks") == "" {
		return
	}
	var blocks any
	if err = json.Unmarshal([]byte(form.Get("blocks")), &blocks); err == nil {
		err = schema.Validate(blocks)
	}
	if err != nil {
		c.complain("%s %s: request: blocks: %v", r.Method, r.URL.Path, err)
	}
}
