package desk

import (
	"strings"
	"testing"
)

const mailOf1500 = "Bonjour,\n\nDepuis ce matin, l'export des candidatures ne contient plus aucune ligne quand on filtre par date.\n\nDe : Léna Martin <lena@support.example>\nEnvoyé : vendredi 27 novembre 2026 16:30\nÀ : Claire Petit\nObjet : Export vide\n\n"

func BenchmarkOwnWords(b *testing.B) {
	mail := mailOf1500 + strings.Repeat("Le portail affiche une erreur quand on clique sur le bouton.\n", 20)
	for b.Loop() {
		OwnWords("Export vide", mail)
	}
}

func BenchmarkTextLanguage(b *testing.B) {
	text := "Export vide\n" + strings.Repeat("Le portail affiche une erreur quand Nadia clique sur le bouton orange.\n", 20)
	for b.Loop() {
		TextLanguage(text)
	}
}

func BenchmarkLexicon(b *testing.B) {
	for b.Loop() {
		readWords(languageWords)
	}
}
