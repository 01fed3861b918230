/** Raw logs become events, or rows of quarantine; and how later stages read what landed. */
package dev.flywheel.ingest;
