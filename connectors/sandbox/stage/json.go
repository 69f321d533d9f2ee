package stage

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// JSON is for values of our own types, which always encode.
func JSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("sandbox: encode %T: %v", v, err))
	}
	return b
}

// WriteToken has a list go on at v: a token that tells its reader nothing.
func WriteToken(v any) string { return base64.RawURLEncoding.EncodeToString(JSON(v)) }

// ReadToken is what WriteToken wrote; ok is false for what it didn't write.
func ReadToken[T any](token string) (v T, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return v, false
	}
	err = json.Unmarshal(b, &v)
	return v, err == nil
}

// Section is the part of a list from start on, of at most size elements.
func Section[T any](list []T, start, size int) []T {
	list = list[min(start, len(list)):]
	return list[:min(size, len(list))]
}

// UUID is a random one, of version 4.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
