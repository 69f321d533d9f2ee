package desk

import (
	"crypto/sha256"
	"encoding/hex"
)

// MaxNamed is how many tickets one webhook may name: vendors name one or two. What
// names more is refused.
const MaxNamed = 200

// longestID is how much of a vendor's own id for a delivery is kept; those in use
// have 26 to 64 letters.
const longestID = 64

// DeliveryID is the ID of a Delivery: the vendor's own, which is the same when it
// repeats a call, and a hash of the body. The vendor's stands in a header that nobody
// signs, so by itself it would let a stranger, or a fault, have another call taken for
// a repetition. A body sent again under another id only has its tickets read again.
func DeliveryID(vendors string, body []byte) string {
	hash := func(text []byte) string {
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:16])
	}
	switch {
	case vendors == "":
		return hash(body)
	case len(vendors) > longestID:
		vendors = hash([]byte(vendors))
	}
	return vendors + ":" + hash(body)
}
