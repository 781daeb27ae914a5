/** What the commands of all modules have in common. */
@NullMarked
package io.popsight.command;

import org.jspecify.annotations.NullMarked;
