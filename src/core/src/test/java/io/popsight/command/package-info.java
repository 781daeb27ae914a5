/** Tests of how commands end. */
@NullMarked
package io.popsight.command;

import org.jspecify.annotations.NullMarked;
