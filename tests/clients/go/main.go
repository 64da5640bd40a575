// Checks an export of the decision log with Go's own libraries: signatures by sumdb/note, inclusion and consistency by
// sumdb/tlog. Uses none of Wardroom's code. Usage: check FOLDER
package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type hashes []tlog.Hash

func (stored hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	read := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		read[i] = stored[index]
	}
	return read, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Println("NOT WHOLE:", err)
		os.Exit(1)
	}
	return value
}

func expect(err error) {
	must(0, err)
}

func main() {
	folder := os.Args[1]
	vkey := strings.TrimSpace(string(must(os.ReadFile(filepath.Join(folder, "key.vkey")))))
	keys := note.VerifierList(must(note.NewVerifier(vkey)))

	var stored hashes
	var leaves []tlog.Hash
	lines := bufio.NewScanner(must(os.Open(filepath.Join(folder, "entries.ndjson"))))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		record := append([]byte(nil), lines.Bytes()...)
		leaves = append(leaves, tlog.RecordHash(record))
		stored = append(stored, must(tlog.StoredHashes(int64(len(leaves)-1), record, stored))...)
	}
	expect(lines.Err())

	var previous tlog.Tree
	agreed, proven := 0, 0
	blocks := strings.Split(string(must(os.ReadFile(filepath.Join(folder, "checkpoints.txt")))), "\n\n")
	for i := 0; i+1 < len(blocks); i += 2 {
		opened := must(note.Open([]byte(blocks[i]+"\n\n"+blocks[i+1]+"\n"), keys))
		text := strings.Split(opened.Text, "\n")
		size := must(strconv.ParseInt(text[1], 10, 64))
		var root tlog.Hash
		copy(root[:], must(base64.StdEncoding.DecodeString(text[2])))
		if size > int64(len(leaves)) {
			expect(fmt.Errorf("%d entries were signed, %d are there", size, len(leaves)))
		}
		if must(tlog.TreeHash(size, stored)) != root {
			expect(fmt.Errorf("the entries before %d are not what was signed", size))
		}
		for index := int64(0); index < size; index++ {
			proof := must(tlog.ProveRecord(size, index, stored))
			expect(tlog.CheckRecord(proof, size, root, index, leaves[index]))
			proven++
		}
		if previous.N > 0 {
			proof := must(tlog.ProveTree(size, previous.N, stored))
			expect(tlog.CheckTree(proof, size, root, previous.N, previous.Hash))
		}
		previous = tlog.Tree{N: size, Hash: root}
		agreed++
	}
	fmt.Printf("OK %d entries, %d signed checkpoints agree, %d inclusions proven\n", len(leaves), agreed, proven)
}
