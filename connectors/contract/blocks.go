package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// blockKit is the schema of a message's blocks; nil where it isn't there. Slack
// publishes no description of its API itself.
var blockKit = sync.OnceValue(func() *jsonschema.Schema {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat() // an empty address is none
	schema, err := compiler.Compile(filepath.Join(folder(), slackBlocks.file))
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
	if err == nil {
		err = distinct(blocks)
	}
	if err != nil {
		c.complain("%s %s: request: blocks: %v", r.Method, r.URL.Path, err)
	}
}

// distinct says which block_id is there twice, which no schema can; the blocks fit
// theirs.
func distinct(blocks any) error {
	seen := map[any]bool{}
	for _, b := range blocks.([]any) {
		id, named := b.(object)["block_id"]
		if named && seen[id] {
			return fmt.Errorf("block_id %q is there twice", id)
		}
		seen[id] = true
	}
	return nil
}
