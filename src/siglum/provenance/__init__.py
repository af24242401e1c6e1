"""Where a text comes from: claims of translation, found in every channel and folded into one judgement."""
