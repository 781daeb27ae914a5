/**
 * The subcommands of the launcher that need no trainer: {@code serve}, {@code detect}, {@code
 * inspect}, {@code drift}.
 */
@NullMarked
package io.popsight.service.command;

import org.jspecify.annotations.NullMarked;
