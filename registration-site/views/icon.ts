/** A meter's needle over a launch line; the fill follows the browser's colour scheme. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>
.ink{stroke:#0b5d57}@media (prefers-color-scheme:dark){.ink{stroke:#6cc4b8}}
</style><g class="ink" fill="none" stroke-width="3" stroke-linecap="round">
<path d="M4 23a12 12 0 0 1 24 0"/><path d="M16 23l6-9"/><path d="M4 28h24"/></g></svg>
`;
