"""One screen each: they lay out, bind and say keys; what they show is decided in the view models."""
