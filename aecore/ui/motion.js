/** Whether somebody asked the system for less motion: then a film goes in slow, small steps. */
export const wantsCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
