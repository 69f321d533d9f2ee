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
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("blocks") == "" {
		return
	}
	if err := Blocks([]byte(form.Get("blocks"))); err != nil {
		c.complain("%s %s: request: blocks: %v", r.Method, r.URL.Path, err)
	}
}

// Blocks says what is wrong with a message's blocks, as JSON; nothing where the schema
// isn't there.
func Blocks(text []byte) error {
	schema := blockKit()
	if schema == nil {
		return nil
	}
	var blocks any
	if err := json.Unmarshal(text, &blocks); err != nil {
		return err
	}
	if err := schema.Validate(blocks); err != nil {
		return err
	}
	return distinct(blocks)
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
