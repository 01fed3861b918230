/** The statistical sample of traffic, and the eval sets published from it. */
package dev.flywheel.sample;
