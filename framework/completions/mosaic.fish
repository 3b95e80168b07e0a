# fish completion for mosaic
# Printed by `mosaic completions fish`. Evaluates nothing that was typed.
function __mosaic_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (mosaic complete -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case ':0'
                set -l flag (string match -r -- '^--[^=]*=' "$current")
                for path in (__fish_complete_path (string replace -- "$flag" '' "$current"))
                    printf '%s%s\n' "$flag" $path
                end
            case ':*'
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c mosaic -e
complete -c mosaic -f -a '(__mosaic_complete)'
