/** The only package that touches storage. */
package dev.flywheel.lake;
